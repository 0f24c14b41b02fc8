internal import Programs
internal import SystemFiles

/// Why a machine was not changed, or is not what its configuration says.
///
/// Two errors are equal if their codes are, whatever they say.
package struct DeploymentError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// A file, a directory or the lock could not be used.
    case system
    /// Files that are not ours, or not as we wrote them, are in the way.
    case conflict
    /// A job's account is not there, or cannot read what it has to.
    case account
    /// A program that a job needs is not installed.
    case program
    /// systemd does not understand a unit.
    case unit
    /// The secrets could not be activated.
    case secrets
    /// systemd could not be asked, or did not do what it was asked for.
    case manager
    /// There is no configuration to go back to, or none at all.
    case noConfiguration
    /// The configuration is live, but some of its units are not.
    case partlyApplied
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

  init(_ error: SystemFilesError) { self.init(.system, error.description) }

  init(_ error: ProgramError) { self.init(.manager, error.description) }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// Runs what touches files, with its errors as this module's.
func touchingFiles<Result: ~Copyable>(
  _ body: () throws(SystemFilesError) -> Result
) throws(DeploymentError) -> Result {
  do { return try body() } catch { throw DeploymentError(error) }
}

/// How many there are of something, for a person.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
