import SystemFiles

/// Why secrets were not installed.
///
/// Two errors are equal if their codes are, whatever they say.
package struct ActivationError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The plan cannot be meant.
    case plan
    /// An owner or a group is not known, or may not be given by this user.
    case account
    /// There is no memory to keep clear text in.
    case storage
    /// What is not ours is where the link to the secrets belongs.
    case occupied
    /// Some secret could not be decrypted.
    case secrets
    /// A link or a copy elsewhere could not be prepared.
    case placement
    /// The new generation is live, but something elsewhere could not be put in its place.
    case partlyApplied
    /// A file, a directory or the lock could not be used.
    case system
  }

  package let code: Code
  /// What was attempted and what became of it.
  package let reason: String
  /// Every single failure, in the plan's order; empty if the reason says it all.
  package let failures: [String]
  /// A way out, where there is one.
  package let hint: String?

  package init(_ code: Code, _ reason: String, failures: [String] = [], hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.failures = failures
    self.hint = hint
  }

  init(_ error: SystemFilesError) { self.init(.system, error.description) }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// Runs what touches files, with its errors as this module's.
func touchingFiles<Result: ~Copyable>(
  _ body: () throws(SystemFilesError) -> Result
) throws(ActivationError) -> Result {
  do { return try body() } catch { throw ActivationError(error) }
}

/// How many there are of something, for a person.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
