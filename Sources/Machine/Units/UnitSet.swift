package import Plan

/// What a plan's units are on a machine: files and links below the unit directory, scripts and wrappers.
///
/// The same plan and places give the same artifacts.
package struct UnitSet: Sendable {
  /// Everything but the secrets and the plan, sorted by path.
  package let artifacts: [Artifact]
  /// The units, adage's own among them, sorted by name.
  package let units: [PlannedUnit]

  package init(_ plan: Plan, at places: Places) {
    units = plan.units.sorted { $0.name < $1.name }
    let files = plan.files.map { file in
      Artifact(
        path: file.path, .file(text: file.text, mode: file.isExecutable ? 0o755 : 0o644))
    }
    artifacts = (units.flatMap { $0.artifacts(in: places.units) } + files)
      .sorted { $0.path < $1.path }
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
    sections.map { section in
      "[\(section.name)]\n"
        + section.settings.map { "\($0.key)=\($0.value)\n" }.joined()
    }.joined(separator: "\n")
  }
}
