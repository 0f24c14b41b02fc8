internal import Plan

/// What a machine needs to have its secrets when it boots.
package struct Boot: Sendable, Equatable {
  /// Whether the identities, the cipher text and the program are on the root file system, so that secrets can be
  /// there before anything but the file systems.
  package var isEarly: Bool
  /// Whether an identity needs a password or a plugin. Those are served late, when somebody may be there to answer.
  package var asksLate: Bool

  package init(isEarly: Bool = true, asksLate: Bool = false) {
    self.isEarly = isEarly
    self.asksLate = asksLate
  }

  /// What others wait for to have the secrets.
  package static let target = "adage.target"
  package static let service = "adage-activate.service"
  package static let lateService = "adage-activate-late.service"

  /// How long a question may stand at boot, in seconds.
  static let patience = 90

  func units(_ plan: Plan, _ places: Places) -> [PlannedUnit] {
    [target, activation(plan, places)] + (asksLate ? [lateActivation(places)] : [])
  }

  private var target: PlannedUnit {
    let services = Boot.service + (asksLate ? " \(Boot.lateService)" : "")
    return PlannedUnit(
      name: Boot.target,
      sections: [
        UnitSection(
          "Unit",
          [
            UnitSetting("Description", "Secrets of this machine"),
            UnitSetting("DefaultDependencies", "no"), UnitSetting("Wants", services),
            UnitSetting("After", services), UnitSetting("Conflicts", "shutdown.target"),
            UnitSetting("Before", "shutdown.target"),
          ])
      ], wantedBy: ["multi-user.target"], whenChanged: .keep)
  }

  private func activation(_ plan: Plan, _ places: Places) -> PlannedUnit {
    // Where the clock, the network and other file systems may still be missing.
    var settings = [
      UnitSetting("Description", "Decrypt the secrets of this machine"),
      UnitSetting("DefaultDependencies", "no"),
      UnitSetting("After", "systemd-sysusers.service"),
      UnitSetting("Conflicts", "shutdown.target"),
      UnitSetting("Before", isEarly ? "sysinit.target shutdown.target" : "shutdown.target"),
      UnitSetting("ConditionPathExists", "\(escaped(places.current))/plan.json"),
    ]
    let needed = [places.program, places.current, plan.secretsMountPoint] + plan.identityPaths
    settings += Set(needed).sorted().map { UnitSetting("RequiresMountsFor", quoted($0)) }
    return PlannedUnit(
      name: Boot.service,
      sections: [
        UnitSection("Unit", settings),
        UnitSection(
          "Service",
          [
            UnitSetting("Type", "oneshot"), UnitSetting("RemainAfterExit", "yes"),
            UnitSetting("ExecStart", activate(places, "--boot")),
            UnitSetting("ExecReload", activate(places)),
          ]),
      ], wantedBy: [isEarly ? "sysinit.target" : "multi-user.target"], whenChanged: .keep)
  }

  private func lateActivation(_ places: Places) -> PlannedUnit {
    PlannedUnit(
      name: Boot.lateService,
      sections: [
        UnitSection(
          "Unit",
          [
            UnitSetting("Description", "Decrypt the secrets whose keys need somebody"),
            UnitSetting("After", "\(Boot.service) systemd-user-sessions.service"),
            UnitSetting("ConditionPathExists", "\(escaped(places.current))/plan.json"),
          ]),
        UnitSection(
          "Service",
          [
            UnitSetting("Type", "oneshot"), UnitSetting("RemainAfterExit", "yes"),
            UnitSetting("ExecStart", activate(places, "--late")),
            UnitSetting("TimeoutStartSec", String(Boot.patience)),
          ]),
      ], wantedBy: ["multi-user.target"], whenChanged: .keep)
  }

  private func activate(_ places: Places, _ flag: String? = nil) -> String {
    "\(commandWord(places.program)) activate --configuration \(commandWord("\(places.current)/plan.json"))"
      + (flag.map { " \($0)" } ?? "")
  }
}
