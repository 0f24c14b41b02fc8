package import Plan

/// What a machine needs to have its secrets when it boots.
///
/// What asks nobody is decrypted early; what a password or a plugin opens has its own units, which nothing that a boot
/// waits for waits for.
package struct Boot: Sendable, Equatable {
  /// Whether everything in `needs(_:_:)` is on the root file system, so that secrets can be there before anything but
  /// the file systems.
  package var isEarly: Bool
  /// The names of the secrets whose keys need a password or a plugin. They are opened once the machine is up, when
  /// somebody may be there to answer.
  package var lateSecrets: Set<String>
  /// Whether memory that may be swapped to a disk is good enough.
  package var allowsSwap: Bool

  package init(
    isEarly: Bool = true, lateSecrets: Set<String> = [], allowsSwap: Bool = false
  ) {
    self.isEarly = isEarly
    self.lateSecrets = lateSecrets
    self.allowsSwap = allowsSwap
  }

  package var asksLate: Bool { !lateSecrets.isEmpty }

  /// What others wait for to have the secrets that nobody is asked for.
  package static let target = "adage.target"
  package static let service = "adage-activate.service"
  /// What others wait for to have those that somebody is asked for, too.
  package static let lateTarget = "adage-late.target"
  package static let lateService = "adage-activate-late.service"
  /// What starts the late target when the boot is over.
  package static let lateTimer = "adage-late.timer"

  /// How long questions may stand, in seconds.
  package static let patience = 300
  /// How long an activation may take in which nobody is asked, in seconds.
  private static let longest = 90

  /// The paths that activating a plan reads at boot, sorted.
  package static func needs(_ plan: Plan, _ places: Places) -> [String] {
    Set([places.program, places.current] + plan.identityPaths).sorted()
  }

  func units(_ plan: Plan, _ places: Places) -> [PlannedUnit] {
    let late = LateUnits(
      self, plan, places, paths: plan.secrets.filter { lateSecrets.contains($0.name) }.map(\.path))
    return [target, mount(plan), activation(plan, places)] + (asksLate ? late.all : [])
  }

  private var target: PlannedUnit {
    PlannedUnit(
      name: Boot.target,
      sections: [
        UnitSection(
          "Unit",
          [
            UnitSetting("Description", "Secrets of this machine"),
            UnitSetting("DefaultDependencies", "no"), UnitSetting("Wants", Boot.service),
            UnitSetting("After", Boot.service),
          ] + untilShutdown)
      ], wantedBy: ["multi-user.target"], whenChanged: .keep)
  }

  /// Memory for the secrets. Where it cannot be mounted so, activation itself may still find some.
  private func mount(_ plan: Plan) -> PlannedUnit {
    PlannedUnit(
      name: mountUnit(of: plan.secretsMountPoint),
      sections: [
        UnitSection(
          "Unit",
          [
            UnitSetting("Description", "Memory for the secrets of this machine"),
            UnitSetting("DefaultDependencies", "no"),
            UnitSetting("Conflicts", "umount.target"), UnitSetting("Before", "umount.target"),
          ]),
        UnitSection(
          "Mount",
          [
            UnitSetting("What", "ramfs"),
            UnitSetting("Where", escaped(plan.secretsMountPoint)),
            UnitSetting("Type", "ramfs"),
            UnitSetting("Options", "nodev,nosuid,noexec,mode=0751"),
          ]),
      ], whenChanged: .keep)
  }

  private func activation(_ plan: Plan, _ places: Places) -> PlannedUnit {
    let memory = mountUnit(of: plan.secretsMountPoint)
    // Where the clock, the network and other file systems may still be missing.
    var after = ["systemd-remount-fs.service", "systemd-sysusers.service"]
    if plan.secrets.contains(where: { !plan.isAtDefaultPath($0) }) {
      after += ["local-fs.target", "systemd-tmpfiles-setup.service"]
    }
    let settings =
      [
        UnitSetting("Description", "Decrypt the secrets of this machine"),
        UnitSetting("DefaultDependencies", "no"),
        UnitSetting("Wants", memory),
        UnitSetting("After", (after + [memory]).joined(separator: " ")),
        UnitSetting("ConditionPathExists", "\(escaped(places.current))/plan.json"),
      ] + mounts(plan, places) + untilShutdown
      + (isEarly ? [UnitSetting("Before", "sysinit.target")] : [])
    let reload = asksLate ? "--agent" : nil
    return PlannedUnit(
      name: Boot.service,
      sections: [
        UnitSection("Unit", settings),
        UnitSection(
          "Service",
          [
            UnitSetting("Type", "oneshot"), UnitSetting("RemainAfterExit", "yes"),
            UnitSetting("ExecStart", activate(places, "--boot")),
            UnitSetting("ExecReload", activate(places, reload)),
            UnitSetting(
              "TimeoutStartSec", String(Boot.longest + (asksLate ? Boot.patience : 0))),
          ]),
      ], wantedBy: [isEarly ? "sysinit.target" : "multi-user.target"], whenChanged: .keep)
  }

  private func activate(_ places: Places, _ flag: String?) -> String {
    let plan = commandWord("\(places.current)/plan.json")
    let flags = [flag, allowsSwap ? "--allow-swap" : nil].compactMap { $0 }.map { " \($0)" }
    return "\(commandWord(places.program)) activate --configuration \(plan)" + flags.joined()
  }

  /// The units that open what needs somebody.
  private struct LateUnits {
    let boot: Boot
    let plan: Plan
    let places: Places
    /// Where those secrets are to be.
    let paths: [String]

    init(_ boot: Boot, _ plan: Plan, _ places: Places, paths: [String]) {
      self.boot = boot
      self.plan = plan
      self.places = places
      self.paths = paths
    }

    var all: [PlannedUnit] { [activation, target, timer] }

    /// Nobody is asked if all of them are there already.
    private var activation: PlannedUnit {
      PlannedUnit(
        name: Boot.lateService,
        sections: [
          UnitSection(
            "Unit",
            [
              UnitSetting("Description", "Decrypt the secrets whose keys need somebody"),
              UnitSetting("DefaultDependencies", "no"),
              UnitSetting("After", "sysinit.target \(Boot.service) systemd-user-sessions.service"),
              UnitSetting("ConditionPathExists", "\(escaped(places.current))/plan.json"),
            ] + paths.sorted().map { UnitSetting("ConditionPathExists", "|!\(escaped($0))") }
              + mounts(plan, places) + untilShutdown),
          UnitSection(
            "Service",
            [
              UnitSetting("Type", "oneshot"), UnitSetting("RemainAfterExit", "yes"),
              UnitSetting("ExecStart", boot.activate(places, "--late")),
              UnitSetting("TimeoutStartSec", String(Boot.longest + Boot.patience)),
            ]),
        ], whenChanged: .keep)
    }

    private var target: PlannedUnit {
      PlannedUnit(
        name: Boot.lateTarget,
        sections: [
          UnitSection(
            "Unit",
            [
              UnitSetting("Description", "Secrets whose keys need somebody"),
              UnitSetting("DefaultDependencies", "no"),
              UnitSetting("Wants", "\(Boot.target) \(Boot.lateService)"),
              UnitSetting("After", "\(Boot.target) \(Boot.lateService)"),
            ] + untilShutdown)
        ], whenChanged: .keep)
    }

    /// A job that waits belongs to a boot that is not over; one that a timer starts afterwards does not.
    private var timer: PlannedUnit {
      PlannedUnit(
        name: Boot.lateTimer,
        sections: [
          UnitSection(
            "Unit",
            [
              UnitSetting("Description", "Ask for what secrets need once the machine is up"),
              UnitSetting("DefaultDependencies", "no"),
              UnitSetting("After", "multi-user.target graphical.target"),
            ] + untilShutdown),
          UnitSection(
            "Timer",
            [
              UnitSetting("OnActiveSec", "1s"), UnitSetting("AccuracySec", "100ms"),
              UnitSetting("Unit", Boot.lateTarget),
            ]),
        ], wantedBy: ["multi-user.target"], whenChanged: .keep)
    }
  }
}

/// Ends with the machine, after everything that was started after it.
private let untilShutdown = [
  UnitSetting("Conflicts", "shutdown.target"), UnitSetting("Before", "shutdown.target"),
]

/// What must be mounted; where there are several identities, each may be enough.
private func mounts(_ plan: Plan, _ places: Places) -> [UnitSetting] {
  if plan.identityPaths.count == 1 {
    return Boot.needs(plan, places).map { UnitSetting("RequiresMountsFor", quoted($0)) }
  }
  let required = [places.program, places.current].sorted()
  let wanted = Set(plan.identityPaths.flatMap { mountUnits(above: $0) }).sorted()
    .joined(separator: " ")
  return required.map { UnitSetting("RequiresMountsFor", quoted($0)) }
    + (wanted.isEmpty ? [] : [UnitSetting("Wants", wanted), UnitSetting("After", wanted)])
}
