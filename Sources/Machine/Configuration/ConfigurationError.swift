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
    var reason = lines.first.map(String.init) ?? error.message
    // Our own modules throw for others: where they do so tells nobody anything.
    if let place = error.place, !NixLibrary.mayHold(place.file) { reason += ", at \(place)" }
    self.init(
      .evaluation, reason, details: lines.dropFirst().map(String.init), cause: error)
  }

  /// What was being evaluated, the innermost first, without what our own modules did.
  package var trace: [String] { cause.map(Self.frames) ?? [] }

  private static func frames(of error: NixError) -> [String] {
    error.trace.filter { frame in frame.place.map { !NixLibrary.mayHold($0.file) } ?? true }
      .map { frame in
        let text = frame.description
        return text.hasSuffix(":") ? String(text.dropLast()) : text
      }
  }

  package var description: String { ([reason] + details).joined(separator: "\n") }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
