package import NixExpression
internal import NixLibrary

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
    /// The description of a machine is not a good one.
    case machine
  }

  package let code: Code
  /// Object and cause, with the place in a source where there is one.
  package let reason: String
  /// What belongs to the reason, a line each.
  package let details: [String]
  /// A way out, where there is one.
  package let hint: String?
  /// What the evaluator said, for its trace.
  package let cause: NixError?

  init(
    _ code: Code, _ reason: String, details: [String] = [], hint: String? = nil,
    cause: NixError? = nil
  ) {
    self.code = code
    self.reason = reason
    self.details = details
    self.hint = hint
    self.cause = cause
  }

  /// What an evaluation failed with: the first line of it, and the others as details.
  init(evaluating error: NixError) {
    let lines = error.message.split(separator: "\n", omittingEmptySubsequences: true)
    // Our own modules throw for others: where they do so tells nobody anything.
    let place = error.place.flatMap { NixLibrary.mayHold($0.file) ? nil : $0 }
    let first = lines.first.map(String.init) ?? error.message
    self.init(
      .evaluation, place.map { "\(first), at \($0)" } ?? first,
      details: lines.dropFirst().map(String.init), cause: error)
  }

  package var description: String { ([reason] + details).joined(separator: "\n") }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
