package import Plan
package import SystemPackage

/// What systemd, or what stands for it, does for a deployment.
package protocol Manager: Sendable {
  /// How units are, by name; a pattern such as `name@*.service` stands for all that are loaded.
  func states(of units: [String]) async throws(DeploymentError) -> [String: UnitState]
  /// Reads all unit files anew.
  func reload() async throws(DeploymentError)
  /// Does something with units, and waits for it.
  func perform(_ action: UnitAction, on units: [String]) async throws(DeploymentError)
  /// What is wrong with the units in a directory, a line each.
  func complaints(
    about units: [String], in directory: FilePath
  ) async throws(DeploymentError) -> [String]
  /// Makes the files and directories that a file of tmpfiles.d(5) says.
  func makeTemporaryFiles(_ file: String) async throws(DeploymentError)
}

/// What systemd does with a unit.
package enum UnitAction: String, Sendable {
  case start, stop, restart
  case reload = "reload-or-restart"
  /// Forgets that it failed.
  case forget = "reset-failed"
}

/// How a unit is (systemctl(1), `ActiveState`).
package struct UnitState: Sendable, Equatable {
  package var active: String

  package init(active: String) { self.active = active }

  /// Whether it runs, or is about to.
  package var isActive: Bool {
    ["active", "activating", "reloading", "refreshing"].contains(active)
  }
  package var isFailed: Bool { active == "failed" }
}

/// What secrets are on a machine, and how they get there.
package protocol Secrets: Sendable {
  /// Installs a plan's secrets, all or none.
  func activate(_ plan: Plan) throws(DeploymentError)
  /// The paths of those whose content or attributes would change.
  func changes(_ plan: Plan) throws(DeploymentError) -> [String]
  /// Takes all of a plan's secrets away.
  func remove(_ plan: Plan) throws(DeploymentError)
}
