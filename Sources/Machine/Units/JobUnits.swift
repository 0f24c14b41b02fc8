internal import Plan

extension PlannedUnit {
  /// A job's service, which runs its steps with `run-job` between what the configuration says for before and after.
  ///
  /// systemd goes on to the next command after the steps only if one succeeded, or if its line begins with `-`: what
  /// `--cleanup` returned is left to `--report`, so that this runs in any case.
  func running(_ job: PlannedJob, at places: Places) -> PlannedUnit {
    var unit = self
    let run = "\(commandWord(places.program)) run-job"
    let name = commandWord(job.name)
    // What systemd runs in the sandbox as the job's user, and outside of it as root (+). No backup fails because
    // nobody could be told of its start.
    unit.add(
      [
        UnitSetting("ExecStartPre", "-+\(run) --started \(name)"),
        UnitSetting("ExecStart", ([run, name] + job.sections).joined(separator: " ")),
        UnitSetting("ExecStopPost", "-\(run) --cleanup \(name)"),
        UnitSetting("ExecStopPost", "+\(run) --report \(name)"),
      ], to: "Service", first: true)
    if values(of: "Description", in: "Unit").isEmpty {
      unit.add(
        [UnitSetting("Description", "Backup \(job.name) with restic")], to: "Unit", first: true)
    }
    unit.forgiveMissingFiles(of: job)
    if job.usesCredentials { unit.loadCredentials(of: job) }
    if job.isHardened {
      unit.add(
        Hardening(job).settings.filter { unit.values(of: $0.key, in: "Service").isEmpty },
        to: "Service")
    }
    return unit
  }

  /// Lets systemd start the job without its environment files: it could not run what cleans up and tells of the
  /// failure either. That they are there is what the job finds out first.
  private mutating func forgiveMissingFiles(of job: PlannedJob) {
    for section in sections.indices where sections[section].name == "Service" {
      for index in sections[section].settings.indices {
        let setting = sections[section].settings[index]
        if setting.key == "EnvironmentFile", job.environmentFiles.contains(setting.value),
          !setting.value.hasPrefix("-")
        {
          sections[section].settings[index].value = "-\(setting.value)"
        }
      }
    }
  }

  /// Files that only root may read reach the job as credentials.
  private mutating func loadCredentials(of job: PlannedJob) {
    let files = [("password", "RESTIC_PASSWORD_FILE"), ("repository", "RESTIC_REPOSITORY_FILE")]
    for (credential, variable) in files {
      guard let path = job.environment[variable] else { continue }
      add(
        [
          UnitSetting("LoadCredential", "\(credential):\(escaped(path))"),
          // In place of a file that is not there, for the same reason.
          UnitSetting("SetCredential", "\(credential):\(PlannedJob.missingCredential)"),
          // The later of two counts.
          UnitSetting("Environment", "\"\(variable)=%d/\(credential)\""),
        ], to: "Service")
    }
  }
}

extension PlannedJob {
  /// What the user wrote of command lines, for systemd to split and expand, each part after a mark of its own. The
  /// command is the last, since it may have any words.
  fileprivate var sections: [String] {
    var parts = options.map { "::option \($0)" }
    if !source.isEmpty { parts.append((["::backup"] + backupArguments).joined(separator: " ")) }
    if !pruneOptions.isEmpty { parts.append((["::prune"] + pruneOptions).joined(separator: " ")) }
    if let checkOptions { parts.append((["::check"] + checkOptions).joined(separator: " ")) }
    if !source.command.isEmpty {
      parts.append((["::command"] + source.command).joined(separator: " "))
    }
    return parts
  }

  /// The command that runs restic with the job's environment. The options stand in it as they are written: as on
  /// NixOS, the shell splits them here.
  func wrapper(at places: Places) -> Artifact {
    let program = places.program.replacing("'", with: "'\\''")
    let words =
      ["exec '\(program)' run-job --restic '\(name)'"] + options.map { "-o \($0)" }
      + ["-- \"$@\""]
    return Artifact(
      path: "\(places.commands)/restic-\(name)",
      .file(text: "#!/bin/sh\n\(words.joined(separator: " "))\n", mode: 0o755))
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
