import Activation
import Age
import Configuration
import Editing
import Jobs
import Keyring
import Manifest
import NixExpression
import SecretMemory
import SystemFiles
import SystemPackage

/// A failure as a person reads it. Its description says what was attempted, on what, and why it
/// failed: lower case, no full stop.
protocol Failure: Error, CustomStringConvertible {
  /// What the person could do.
  var hint: String? { get }
  /// The single failures of several, a line each.
  var details: [String] { get }
  /// What was being evaluated, the innermost first, a line each.
  var trace: [String] { get }
}

extension Failure {
  var hint: String? { nil }
  var details: [String] { [] }
  var trace: [String] { [] }
}

extension AgeError: Failure {}
extension EditingError: Failure {}
extension JobError: Failure {}
extension KeyringError: Failure {}
extension ManifestError: Failure {}
extension SecretMemoryError: Failure {}
extension SystemFilesError: Failure {}
extension ActivationError: Failure {
  var details: [String] { failures }
}
extension ConfigurationError: Failure {}

/// A configuration that cannot be used.
struct ConfigurationFailure: Failure {
  let error: ConfigurationError
  let path: String

  var description: String {
    error.code == .evaluation ? "evaluate \(path): \(error.reason)" : error.reason
  }

  var details: [String] { error.details }
  var trace: [String] { error.trace }

  var hint: String? {
    guard case .unavailable(let construct)? = error.cause?.code, !construct.hasPrefix("pkgs.")
    else { return error.hint }
    return "a configuration is never given to Nix; do without \(construct)"
  }
}

/// An expression that has no value.
struct EvaluationFailure: Failure {
  let error: NixError
  /// What was evaluated.
  let subject: String
  let isRoot: Bool

  var description: String { "evaluate \(subject): \(error)" }

  var trace: [String] { error.trace.map(\.description) }

  var hint: String? {
    guard case .unavailable(let construct) = error.code else { return nil }
    if isRoot { return NixInstantiate.hintForRoot }
    return "install Nix's nix-instantiate, or do without \(construct)"
  }
}

/// A failure of a command itself.
struct CommandFailure: Failure {
  let description: String
  let hint: String?
  let trace: [String]

  init(_ description: String, hint: String? = nil, trace: [String] = []) {
    self.description = description
    self.hint = hint
    self.trace = trace
  }
}
