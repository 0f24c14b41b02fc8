package import NixExpression

/// Why a configuration is not understood, or not trusted.
///
/// Two errors are equal if their codes are, whatever they say.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The file cannot be read.
    case file
    /// The file, or one that it reads, could have been written by somebody who is not trusted.
    case untrusted
    /// The evaluation wanted to read what it may not.
    case denied
    /// The expression has no value, or an option has none that fits.
    case evaluation
    /// The file is a plan as JSON, and not a good one.
    case plan
  }

  package let code: Code
  /// Object and cause, with the place in a source where there is one.
  package let reason: String
  /// A way out, where there is one.
  package let hint: String?
  /// What the evaluator said, for its trace.
  package let cause: NixError?

  init(_ code: Code, _ reason: String, hint: String? = nil, cause: NixError? = nil) {
    self.code = code
    self.reason = reason
    self.hint = hint
    self.cause = cause
  }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
