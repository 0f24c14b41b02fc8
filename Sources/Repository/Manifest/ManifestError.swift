import NixExpression
import SystemPackage

/// Why a manifest does not tell which keys read a file.
///
/// Two errors are equal if their codes are, whatever they say.
package struct ManifestError: Error, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The expression has no value.
    case evaluation
    /// The expression needs something that only Nix has.
    case unavailable
    /// The value is not a set of rules, or a rule not what it should be.
    case shape
    /// No rule is for the file that was asked for.
    case noRule
    /// A rule's name leads out of the manifest's directory.
    case outside
  }

  package let code: Code
  package let reason: String
  package let hint: String?
  /// What was being evaluated, the innermost first, a line each.
  package let trace: [String]

  init(_ code: Code, _ reason: String, hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.hint = hint
    trace = []
  }

  /// A failed evaluation of the manifest at `path`, or of one of its rules.
  init(_ error: NixError, evaluating path: FilePath, rule: String? = nil) {
    if case .unavailable(let construct) = error.code {
      code = .unavailable
      hint = "install Nix's nix-instantiate, or write the manifest without \(construct)"
    } else {
      code = .evaluation
      hint = nil
    }
    let object = rule.map { "rule '\($0)' of \(path)" } ?? path.string
    reason = "evaluate \(object): \(error)"
    trace = error.trace.map(\.description)
  }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
