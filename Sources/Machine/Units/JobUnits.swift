internal import Plan

extension PlannedUnit {
  /// A job's service, which runs its steps with `run-job` between what the configuration says for before and after.
  func running(_ job: PlannedJob, at places: Places) -> PlannedUnit {
    var unit = self
    let run = "\(commandWord(places.program)) run-job"
    let name = commandWord(job.name)
    // What systemd runs in the sandbox as the job's user, and outside of it as root (+).
    unit.add(
      [
        UnitSetting("ExecStartPre", "+\(run) --started \(name)"),
        UnitSetting("ExecStart", "\(run) \(name)"),
        UnitSetting("ExecStopPost", "\(run) --cleanup \(name)"),
      ], to: "Service", first: true)
    unit.add([UnitSetting("ExecStopPost", "+\(run) --report \(name)")], to: "Service")
    if job.usesCredentials { unit.loadCredentials(of: job) }
    if job.isHardened {
      unit.add(
        Hardening(job).settings.filter { unit.values(of: $0.key, in: "Service").isEmpty },
        to: "Service")
    }
    return unit
  }

  /// Files that only root may read reach the job as credentials.
  private mutating func loadCredentials(of job: PlannedJob) {
    let files = [("password", "RESTIC_PASSWORD_FILE"), ("repository", "RESTIC_REPOSITORY_FILE")]
    for (credential, variable) in files {
      guard let path = job.environment[variable] else { continue }
      add(
        [
          UnitSetting("LoadCredential", "\(credential):\(escaped(path))"),
          // The later of two counts.
          UnitSetting("Environment", "\"\(variable)=%d/\(credential)\""),
        ], to: "Service")
    }
  }
}

extension PlannedJob {
  /// The command that runs restic with the job's environment.
  func wrapper(at places: Places) -> Artifact {
    let program = places.program.replacing("'", with: "'\\''")
    return Artifact(
      path: "\(places.commands)/restic-\(name)",
      .file(
        text: "#!/bin/sh\nexec '\(program)' run-job --restic '\(name)' -- \"$@\"\n", mode: 0o755))
  }

  /// A timer that finds out that a job stopped succeeding, which no failure would tell.
  func ageCheck(at places: Places) -> [PlannedUnit] {
    guard maximumAge != nil else { return [] }
    let unit = "adage-age-\(name)"
    let description = UnitSetting("Description", "Age of the last success of \(self.unit)")
    return [
      PlannedUnit(
        name: "\(unit).service",
        sections: [
          UnitSection("Unit", [description]),
          UnitSection(
            "Service",
            [
              UnitSetting("Type", "oneshot"),
              UnitSetting(
                "ExecStart",
                "\(commandWord(places.program)) run-job --check-age \(commandWord(name))"),
            ]),
        ], whenChanged: .keep),
      PlannedUnit(
        name: "\(unit).timer",
        sections: [
          UnitSection("Unit", [description]),
          UnitSection(
            "Timer",
            [UnitSetting("OnBootSec", "15min"), UnitSetting("OnUnitInactiveSec", "1h")]),
        ], wantedBy: ["timers.target"], whenChanged: .restart),
    ]
  }
}
