/// Why a machine was not changed, or is not what its configuration says.
///
/// Two errors are equal if their codes are, whatever they say.
package struct DeploymentError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// A file, a directory or the lock could not be used.
    case system
  }

  package let code: Code
  /// What was attempted and what became of it.
  package let reason: String
  /// Every single failure; empty if the reason says it all.
  package let failures: [String]
  /// A way out, where there is one.
  package let hint: String?

  package init(_ code: Code, _ reason: String, failures: [String] = [], hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.failures = failures
    self.hint = hint
  }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
