internal import Plan
internal import SystemFiles
internal import SystemPackage
internal import Units

/// The artifacts of a configuration beside what the disk has, path by path.
struct Comparison: Sendable {
  /// What must be written, and what is in its place now.
  var writes: [(new: Artifact, old: Artifact.Content?)] = []
  /// What is ours, unchanged, and not wanted any more.
  var removals: [Artifact] = []
  /// Paths of what was ours and is not wanted any more, but was changed by somebody since.
  var kept: [String] = []
  /// What is in the way, a line each.
  var conflicts: [String] = []

  /// - Parameters:
  ///   - wanted: what is to be there.
  ///   - staying: what may stay, though it is not wanted.
  init(
    wanted: [Artifact], staying: [Artifact], _ record: DeploymentRecord, on disk: Disk
  ) throws(SystemFilesError) {
    let ours = record.contents
    for artifact in wanted {
      switch try disk.found(at: FilePath(artifact.path)) {
      case .nothing: writes.append((artifact, nil))
      case .content(let content) where content.isSame(as: artifact.content): continue
      case .content(let content):
        let known = ours[artifact.path] ?? []
        if known.contains(where: { $0.isSame(as: content) }) {
          writes.append((artifact, content))
        } else {
          let reason = known.isEmpty ? "it is not adage's" : "it was changed since adage wrote it"
          conflicts.append("\(artifact.path): \(reason)")
        }
      case .other(let reason): conflicts.append("\(artifact.path): \(reason)")
      }
    }
    let paths = Set((wanted + staying).map(\.path))
    for path in ours.keys.sorted() where !paths.contains(path) {
      switch try disk.found(at: FilePath(path)) {
      case .nothing: continue
      case .content(let content) where ours[path]!.contains { $0.isSame(as: content) }:
        removals.append(Artifact(path: path, content))
      default: kept.append(path)
      }
    }
  }

  /// Fails if something is in the way.
  func requireRoom() throws(DeploymentError) {
    if conflicts.isEmpty { return }
    throw DeploymentError(
      .conflict, "switch: \(counted(conflicts.count, "file")) in the way; nothing was changed",
      failures: conflicts,
      hint: "move what is there away; adage replaces only what it wrote itself")
  }

  /// Adds what changes of units and files to a difference.
  func describe(in difference: inout Difference, units directories: Set<String>) {
    var changes: [(Artifact, Difference.Kind)] = removals.map { ($0, .removed) }
    changes += writes.map { ($0.new, $0.old == nil ? .added : .changed) }
    for (artifact, kind) in changes {
      difference.add(artifact, kind, in: directories)
    }
  }
}

extension Difference {
  mutating func add(_ artifact: Artifact, _ kind: Kind, in directories: Set<String>) {
    switch UnitRole(artifact, in: directories) {
    case .none: files[artifact.path] = kind
    case .definition(let unit, let isDropIn):
      var change = units[unit] ?? UnitDifference(kind, isRedefined: false, isDropIn: isDropIn)
      // In two directories for a moment, where one takes the other's place.
      change.kind = change.isRedefined && change.kind != kind ? .changed : kind
      change.isRedefined = true
      change.isDropIn = change.isDropIn && isDropIn
      units[unit] = change
    case .alias(let unit):
      if units[unit] == nil { units[unit] = UnitDifference(.changed, isRedefined: false) }
    case .wish(let unit, let other):
      if units[unit] == nil { units[unit] = UnitDifference(.changed, isRedefined: false) }
      if kind != .removed { units[unit]?.newWishes.append(other) }
    }
  }
}
