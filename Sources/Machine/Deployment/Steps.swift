package import Plan

/// What is done with units, besides reading their files anew; each list is sorted.
///
/// A unit is stopped while systemd still knows it as it was; all else follows once it has read the new files.
package struct Steps: Sendable, Equatable {
  package var stop: [String] = []
  package var restart: [String] = []
  package var reload: [String] = []
  package var start: [String] = []
  package var forget: [String] = []

  package init() {}

  /// The steps for a difference.
  ///
  /// - Parameters:
  ///   - units: those of the new configuration, by name.
  ///   - states: how units are, of which an instance counts for its template.
  ///   - rereading: units that are to read their secrets again.
  ///   - starting: those that a change which was cut short was about to start.
  package init(
    for differences: [String: UnitDifference], _ units: [String: PlannedUnit],
    _ states: [String: UnitState], rereading: Set<String> = [], starting: Set<String> = []
  ) {
    for (name, difference) in differences {
      let instances = instances(of: name, states)
      for instance in instances where states[instance]!.isActive {
        take(instance, difference, units[name])
      }
      if units[name] == nil { forget += instances.filter { states[$0]!.isFailed } }
      if let unit = units[name], isToBeStarted(unit, difference, states) { start.append(name) }
    }
    for name in rereading where differences[name] == nil {
      for instance in instances(of: name, states) where states[instance]!.isActive {
        take(instance, UnitDifference(.changed), units[name])
      }
    }
    start += starting.filter { units[$0]?.isEnabled == true && states[$0]?.isActive != true }
    stop = Set(stop).sorted()
    restart = Set(restart).sorted()
    reload = Set(reload).sorted()
    start = Set(start).sorted()
    forget = Set(forget).sorted()
  }

  /// What becomes of a unit that is active.
  private mutating func take(_ name: String, _ difference: UnitDifference, _ unit: PlannedUnit?) {
    guard difference.isRedefined else { return }
    guard let unit else {
      // A packaged unit goes on without what was added to it.
      if difference.isDropIn { restart.append(name) } else { stop.append(name) }
      return
    }
    guard unit.isEnabled else { return stop.append(name) }
    switch unit.whenChanged {
    case .keep: break
    case .restart: restart.append(name)
    case .reload: reload.append(name)
    case .stopAndStart:
      stop.append(name)
      start.append(name)
    }
  }

  /// Whether a unit that is not active is wanted by one that is, and nobody may have stopped it on purpose.
  private func isToBeStarted(
    _ unit: PlannedUnit, _ difference: UnitDifference, _ states: [String: UnitState]
  ) -> Bool {
    guard unit.isEnabled, !unit.isDropIn, !unit.name.contains("@."),
      states[unit.name]?.isActive != true
    else { return false }
    let isNew = difference.kind == .added || states[unit.name]?.isFailed == true
    let wishes =
      isNew ? unit.wantedBy + unit.requiredBy + unit.upheldBy : difference.newWishes
    return wishes.contains { states[$0]?.isActive == true }
  }

  /// The units whose states decide the steps.
  package static func units(
    deciding differences: [String: UnitDifference], _ units: [String: PlannedUnit],
    rereading: Set<String> = [], starting: Set<String> = []
  ) -> [String] {
    var names = Set(differences.keys).union(rereading).union(starting)
    for name in differences.keys {
      guard let unit = units[name] else { continue }
      names.formUnion(unit.wantedBy + unit.requiredBy + unit.upheldBy)
    }
    return names.map { name in
      name.contains("@.") ? name.replacing("@.", with: "@*.") : name
    }.sorted()
  }
}

/// The unit itself, or the instances of a template.
private func instances(of name: String, _ states: [String: UnitState]) -> [String] {
  guard name.contains("@.") else { return states[name] == nil ? [] : [name] }
  return states.keys.filter { template(of: $0) == name }
}

/// The template that a unit is an instance of; nil if it is none.
private func template(of unit: String) -> String? {
  guard let at = unit.firstIndex(of: "@"), let dot = unit.lastIndex(of: "."), at < dot else {
    return nil
  }
  return String(unit[...at] + unit[dot...])
}
