/// Whom a file is encrypted to.
public protocol Recipient: Sendable {
  /// Wraps a file key; most types make one stanza of it.
  func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping

  /// Wraps the file keys of several files, and answers in the same order.
  ///
  /// Most types do this one by one, which is what is done unless they say otherwise; a plugin's process takes all before
  /// it answers any.
  func wrap(_ fileKeys: [FileKey]) throws(AgeError) -> [Wrapping]
}

extension Recipient {
  public func wrap(_ fileKeys: [FileKey]) throws(AgeError) -> [Wrapping] {
    var wrappings: [Wrapping] = []
    for fileKey in fileKeys { wrappings.append(try wrap(fileKey)) }
    return wrappings
  }
}

/// A recipient whose stanzas have a tag, by which its public key alone tells them from others'.
package protocol TaggingRecipient: Recipient {
  /// Whether a stanza is for this recipient, by its type and tag; nothing is decrypted.
  ///
  /// - Throws: `AgeError` with the code `.header` for a stanza of this type that is malformed.
  func isFor(_ stanza: Stanza) throws(AgeError) -> Bool
}

/// A file key wrapped for one recipient.
public struct Wrapping: Sendable {
  /// The stanzas for the header.
  public let stanzas: [Stanza]
  /// What the recipient demands of all others: every recipient of a file must have the same labels.
  public let labels: Set<String>

  /// The label of recipients that withstand quantum computers.
  package static let postQuantum = "postquantum"

  public init(_ stanzas: [Stanza], labels: Set<String> = []) {
    self.stanzas = stanzas
    self.labels = labels
  }
}
