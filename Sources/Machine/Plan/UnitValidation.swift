extension Plan {
  /// What cannot be meant of the units, jobs and files.
  func problemsOfUnits() -> [PlanError] {
    var problems: [PlanError] = []
    for unit in units { problems += self.problems(of: unit) }
    for job in jobs { problems += self.problems(of: job) }
    for file in files
    where flaw(inPath: file.path) != nil || !file.path.hasPrefix("\(Plan.filesDirectory)/") {
      problems.append(
        PlanError(.path, "file \(quoted(file.path)) is not below \(Plan.filesDirectory)"))
    }
    for line in temporaryFiles where line.utf8.contains(where: isLineEnd) {
      problems.append(
        PlanError(.setting, "systemd.tmpfiles.rules: \(quoted(line)) is more than a line"))
    }
    problems += conflicts(among: units.map(\.name)) { name, _ in
      "two units have the name \(quoted(name))"
    }
    problems += conflicts(among: jobs.map(\.name)) { name, _ in
      "two jobs have the name \(quoted(name))"
    }
    return problems
      + conflicts(among: files.map(\.path)) { path, other in
        path == other
          ? "two files have the path \(quoted(path))"
          : "file \(quoted(path)) is in the way of \(quoted(other))"
      }
  }

  private func problems(of unit: PlannedUnit) -> [PlanError] {
    var problems: [PlanError] = []
    let others = unit.aliases + unit.wantedBy + unit.requiredBy + unit.upheldBy
    for name in [unit.name] + others where !isUnitName(name) {
      problems.append(
        PlanError(.name, "unit \(quoted(unit.name)): \(quoted(name)) is no name of a unit"))
    }
    for section in unit.sections {
      for setting in section.settings {
        let name = "unit \(quoted(unit.name)): \(quoted(setting.key))"
        if !isSettingKey(setting.key) {
          problems.append(PlanError(.setting, "\(name) is no name of a setting"))
        } else if hasLooseLineEnd(setting.value) {
          problems.append(PlanError(.setting, "\(name): the value is more than a line"))
        }
      }
    }
    return problems
  }

  private func problems(of job: PlannedJob) -> [PlanError] {
    guard isUnitName("\(job.unit).service"), !job.name.utf8.contains(UInt8(ascii: "@")) else {
      return [PlanError(.name, "job \(quoted(job.name)): the name cannot be part of a unit's")]
    }
    guard units.contains(where: { $0.name == "\(job.unit).service" }) else {
      return [PlanError(.conflict, "job \(quoted(job.name)) has no unit \(job.unit).service")]
    }
    let words =
      job.options + job.backupArguments + job.pruneOptions + (job.checkOptions ?? [])
      + job.source.command
    return words.filter(hasLooseLineEnd).map {
      PlanError(.setting, "job \(quoted(job.name)): \(quoted($0)) is more than a line")
    }
  }
}

/// Whether systemd takes a name for a unit, its kind included (systemd.unit(5)).
private func isUnitName(_ name: String) -> Bool {
  guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
  let kinds = [
    "automount", "device", "mount", "path", "scope", "service", "slice", "socket", "swap", "target",
    "timer",
  ]
  let kind = name[dot...].dropFirst()
  return dot != name.startIndex && name.utf8.count <= 255 && kinds.contains { $0 == kind }
    && name.utf8.allSatisfy { isAlphanumeric($0) || ":-_.\\@".utf8.contains($0) }
}

private func isSettingKey(_ key: String) -> Bool {
  !key.isEmpty && key.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"):
    true
  default: false
  }
}

private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d || byte == 0 }

/// Whether a value goes on in a line that no backslash announces, where it would be a setting of its own.
private func hasLooseLineEnd(_ value: String) -> Bool {
  var previous: UInt8 = 0
  for byte in value.utf8 {
    if isLineEnd(byte), byte != 0x0a || previous != UInt8(ascii: "\\") { return true }
    previous = byte
  }
  return false
}
