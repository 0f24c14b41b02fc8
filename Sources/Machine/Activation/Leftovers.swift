internal import Plan
import SystemFiles
internal import SystemPackage

/// What earlier runs made and is not wanted any more.
enum Leftovers {
  /// Removes a generation that never became live; what cannot be removed the next run removes.
  static func remove(generation number: Int, from storage: borrowing Storage) {
    try? storage.directory.removeTree(Generation.directoryName(number))
    try? storage.directory.removeTree(Generation.copiesName(number))
    try? storage.directory.remove(Record.fileName(ofGeneration: number))
  }

  /// Removes every other generation, and what their records say they made elsewhere.
  ///
  /// The new generation is live by now, so that whatever goes wrong is a warning.
  static func sweep(
    keeping number: Int, _ plan: Plan, _ storage: borrowing Storage, _ tree: Tree,
    _ report: inout ActivationReport
  ) {
    do throws(SystemFilesError) {
      let records = try Record.all(in: storage.directory)
      let kept = Set(records[number]?.entries.map(\.path) ?? [])
      for (generation, record) in records.sorted(by: { $0.key < $1.key })
      where generation != number {
        for entry in record.entries where !kept.contains(entry.path) {
          remove(entry, tree, &report)
        }
      }
      for name in try storage.directory.entries() where isStale(name, keeping: number) {
        do throws(SystemFilesError) {
          try storage.directory.removeTree(name)
        } catch {
          report.warnings.append("\(error)")
        }
      }
    } catch {
      report.warnings.append("\(error)")
    }
  }

  private static func isStale(_ name: FilePath.Component, keeping number: Int) -> Bool {
    if let generation = Generation.number(ofDirectory: name) { return generation != number }
    if let generation = Record.generation(ofFile: name) { return generation != number }
    return name.string.hasPrefix(Generation.copiesPrefix) || name.string.hasPrefix(temporaryPrefix)
  }

  private static func remove(
    _ entry: Record.Entry, _ tree: Tree, _ report: inout ActivationReport
  ) {
    do throws(SystemFilesError) {
      switch (try entry.remove(from: tree), entry) {
      case (.removed, .link), (.removed, .copy): report.removed.append(entry.path)
      case (.isNotOurs, .link), (.isNotOurs, .copy):
        report.warnings.append(
          "\(entry.path) is not wanted any more, but was changed since: it stays")
      default: break
      }
    } catch {
      report.warnings.append("\(error)")
    }
  }
}
