internal import Plan

/// What each user's own systemd runs at login: it shows the desktop notices that wait for the user. Only if a job has
/// any.
func noticeArtifacts(_ plan: Plan, at places: Places) -> [Artifact] {
  // nil stands for everybody's desktop.
  if plan.jobs.allSatisfy({ $0.notices.desktop?.isEmpty == true }) { return [] }
  let name = "adage-notices.service"
  let directory = places.userUnits
  let unit = PlannedUnit(
    name: name,
    sections: [
      UnitSection(
        "Unit",
        [
          UnitSetting("Description", "Notices of backup jobs"),
          UnitSetting("ConditionDirectoryNotEmpty", "/var/lib/adage/notices/%u"),
          // Where there is one, the notification daemon comes with it.
          UnitSetting("After", "graphical-session.target"),
        ]),
      UnitSection(
        "Service",
        [
          UnitSetting("Type", "exec"),
          UnitSetting("ExecStart", "\(commandWord(places.program)) notices"),
        ]),
    ])
  return [Artifact(path: "\(directory)/\(name)", .file(text: unit.text, mode: 0o644))]
    + ["default.target", "graphical-session.target"].map { target in
      Artifact(path: "\(directory)/\(target).wants/\(name)", .link(to: "../\(name)"))
    }
}

extension Places {
  /// Units of users' own systemds, beside those of the system's.
  package var userUnits: String {
    (units.lastIndex(of: "/").map { String(units[..<$0]) } ?? units) + "/user"
  }
}

/// What reports a failure that a job's own `ExecStopPost=` could not: when systemd cannot start anything for the job, a
/// unit that it needs failed, or a command after the report did.
func failureUnits(_ plan: Plan, at places: Places) -> [PlannedUnit] {
  if plan.jobs.isEmpty { return [] }
  return [
    PlannedUnit(
      name: "adage-failed@.service",
      sections: [
        UnitSection(
          "Unit",
          [
            UnitSetting("Description", "Report of the failure of restic-backups-%i"),
            // A job that fails again and again is told each time.
            UnitSetting("StartLimitIntervalSec", "0"),
          ]),
        UnitSection(
          "Service",
          [
            UnitSetting("Type", "oneshot"),
            UnitSetting("ExecStart", "\(commandWord(places.program)) run-job --report %i"),
          ]),
      ], whenChanged: .keep)
  ]
}

extension PlannedUnit {
  /// A job's service, whose failure is reported whatever the reason.
  func reportingFailure(of job: PlannedJob) -> PlannedUnit {
    var unit = self
    unit.add([UnitSetting("OnFailure", escaped("adage-failed@\(job.name).service"))], to: "Unit")
    return unit
  }
}
