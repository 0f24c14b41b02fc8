/// What an activation did.
package struct ActivationReport: Sendable, Equatable {
  /// The number of the generation that is live now.
  package var generation: Int
  /// Where it is, as seen from inside the root that was installed into.
  package var directory: String
  /// The names of the secrets that it has, in the plan's order.
  package var secrets: [String]
  /// The names of those that wait until somebody can be asked.
  package var deferred: [String] = []
  /// Why some of the secrets were left out; nil if none was, as always where all or nothing is wanted.
  package var failure: ActivationError?
  /// Links elsewhere that were made or changed.
  package var links: [String]
  /// Copies elsewhere that were written.
  package var copies: [String]
  /// Links and copies of earlier generations that are not wanted any more.
  package var removed: [String]
  /// What the operator should know although it worked.
  package var warnings: [String]
}

/// What an activation would do.
package struct ActivationPreview: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case added, changed, removed, unchanged
  }

  package struct Change: Sendable, Equatable {
    package let kind: Kind
    /// A secret's place, a link or a copy.
    package let path: String
    /// What changes, such as `content` or `mode 0400 to 0440`; empty unless it is `changed`.
    package let details: [String]

    init(_ kind: Kind, _ path: String, _ details: [String] = []) {
      self.kind = kind
      self.path = path
      self.details = details
    }
  }

  package var changes: [Change]
  package var warnings: [String]
}
