/// Whom a file is encrypted to.
public protocol Recipient: Sendable {
  /// Wraps a file key; most types make one stanza of it.
  func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping
}

/// A file key wrapped for one recipient.
public struct Wrapping: Sendable {
  /// The stanzas for the header.
  public let stanzas: [Stanza]
  /// What the recipient demands of all others: every recipient of a file must have the same labels.
  public let labels: Set<String>

  public init(_ stanzas: [Stanza], labels: Set<String> = []) {
    self.stanzas = stanzas
    self.labels = labels
  }
}
