package import Plan

/// What a plan's units are on a machine: files and links below the unit directory, scripts and wrappers.
///
/// The same plan and places give the same artifacts.
package struct UnitSet: Sendable {
  /// Everything but the secrets and the plan, sorted by path.
  package let artifacts: [Artifact]
  /// The units, adage's own among them, sorted by name.
  package let units: [PlannedUnit]
  /// For each secret's path the names of the units that read it, sorted; nothing for a secret that no unit reads.
  package let readers: [String: [String]]

  package init(_ plan: Plan, at places: Places, boot: Boot = Boot()) {
    let jobs = Dictionary(plan.jobs.map { ("\($0.unit).service", $0) }) { first, _ in first }
    let consumers = Consumers(plan)
    let late = Set(plan.secrets.filter { boot.lateSecrets.contains($0.name) }.map(\.path))
    var readers: [String: [String]] = [:]
    var lateReaders: Set<String> = []
    let waiting = plan.units.map { unit in
      let unit =
        jobs[unit.name].map { unit.running($0, at: places).reportingFailure(of: $0) } ?? unit
      let paths = consumers.secrets(of: unit)
      for path in paths { readers[path, default: []].append(unit.name) }
      let ready = unit.waiting(for: paths, isAsserting: jobs[unit.name] == nil)
      if late.isDisjoint(with: paths) { return ready }
      lateReaders.insert(unit.name)
      return ready.startingLate
    }
    self.readers = readers.mapValues { $0.sorted() }
    let configured = waiting.map { unit in
      lateReaders.contains(unit.serviceOfTimer ?? "") ? unit.startingLate : unit
    }
    let own =
      (plan.secrets.isEmpty ? [] : boot.units(plan, places))
      + plan.jobs.flatMap { $0.ageCheck(at: places) } + failureUnits(plan, at: places)
    units = (configured + own).sorted { $0.name < $1.name }
    artifacts =
      (units.flatMap { $0.artifacts(in: places.units) } + plan.files.map(\.artifact)
      + plan.jobs.filter(\.hasWrapper).map { $0.wrapper(at: places) }
      + noticeArtifacts(plan, at: places)
      + temporaryFiles(plan.temporaryFiles, at: places)).sorted { $0.path < $1.path }
  }
}

/// The rules for systemd-tmpfiles, if there are any.
private func temporaryFiles(_ rules: [String], at places: Places) -> [Artifact] {
  if rules.isEmpty { return [] }
  let text = rules.map { $0 + "\n" }.joined()
  return [Artifact(path: places.temporaryFiles, .file(text: text, mode: 0o644))]
}

extension PlannedFile {
  fileprivate var artifact: Artifact {
    Artifact(path: path, .file(text: text, mode: isExecutable ? 0o755 : 0o644))
  }
}

extension PlannedUnit {
  /// The unit's file, and the links by which other units and names find it.
  fileprivate func artifacts(in directory: String) -> [Artifact] {
    let path = "\(directory)/\(name)"
    guard isEnabled else { return [Artifact(path: path, .link(to: "/dev/null"))] }
    let file = Artifact(
      path: isDropIn ? "\(path).d/adage.conf" : path, .file(text: text, mode: 0o644))
    let relations = [("wants", wantedBy), ("requires", requiredBy), ("upholds", upheldBy)]
    let links = relations.flatMap { kind, units in
      units.map { Artifact(path: "\(directory)/\($0).\(kind)/\(name)", .link(to: "../\(name)")) }
    }
    return [file] + links
      + aliases.map { Artifact(path: "\(directory)/\($0)", .link(to: name)) }
  }

  /// The unit file (systemd.syntax(7)).
  package var text: String {
    sections.filter { !$0.settings.isEmpty }.map { section in
      "[\(section.name)]\n"
        + section.settings.map { "\($0.key)=\($0.value)\n" }.joined()
    }.joined(separator: "\n")
  }

  /// Adds settings to a section, before or after those that are there.
  mutating func add(_ settings: [UnitSetting], to name: String, first: Bool = false) {
    if settings.isEmpty { return }
    guard let index = sections.firstIndex(where: { $0.name == name }) else {
      sections.append(UnitSection(name, settings))
      return
    }
    sections[index].settings.insert(
      contentsOf: settings, at: first ? 0 : sections[index].settings.count)
  }
}
