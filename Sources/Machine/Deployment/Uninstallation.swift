internal import Plan
import SystemFiles
package import SystemPackage
internal import Units

/// What was taken away from a machine.
package struct UninstallReport: Sendable, Equatable {
  /// Units that were stopped, sorted.
  package var stopped: [String] = []
  /// Paths of what was removed, sorted.
  package var removed: [String] = []
  /// Paths of what was changed by somebody since, or is somebody else's, and stays.
  package var kept: [String] = []
  /// What did not go as it should.
  package var failures: [String] = []
}

extension Deployment {
  /// Where the state of jobs is.
  package static let state: FilePath = "/var/lib/adage"

  /// Stops and removes everything of ours; what somebody changed since stays.
  ///
  /// - Parameter isPurging: whether the state of jobs goes, too. Repositories never do.
  package func uninstall(isPurging: Bool) async throws(DeploymentError) -> UninstallReport {
    let record = try readRecord()
    let live = try live()
    guard record != DeploymentRecord() || live != nil else {
      throw DeploymentError(.noConfiguration, "uninstall: nothing is installed")
    }
    let found = try touchingFiles { () throws(SystemFilesError) in
      try Comparison(wanted: [], staying: [], record, on: disk)
    }
    var difference = Difference()
    let directories = Set(
      ["/etc/systemd/system", "/run/systemd/system", live?.settings.places.units]
        .compactMap { $0 })
    found.describe(in: &difference, units: directories)
    let names = Steps.units(deciding: difference.units, [:])
    let steps = Steps(for: difference.units, [:], try await manager.states(of: names))
    var report = UninstallReport()
    await stop(steps, &report)
    do throws(DeploymentError) {
      try secrets.remove(live?.plan ?? Plan(identityPaths: [], secrets: []))
    } catch {
      report.failures += [error.reason] + error.failures
    }
    try touchingFiles { () throws(SystemFilesError) in
      let paths = found.removals.map(\.path)
      try disk.remove(
        paths, emptying: Array(directories) + [places.home.string, "/etc/systemd/user"])
      report.removed = paths
      report.kept = found.kept
    }
    await tell(steps, &report)
    try touchingFiles { () throws(SystemFilesError) in
      try removeHome(&report)
      if let parent = try disk.parent(of: places.staging) {
        try parent.removeTree(places.staging.lastComponent!)
        try? disk.parent(of: places.staging.removingLastComponent())?.removeEmptyDirectory("adage")
      }
      if isPurging { try removeState(&report) }
    }
    return report
  }

  /// Memory goes after what is in it, of which others may have links.
  private func stop(_ steps: Steps, _ report: inout UninstallReport) async {
    report.stopped = steps.stop
    let units = steps.stop.filter { !$0.hasSuffix(".mount") }
    await attempt(.stop, units, &report)
  }

  private func tell(_ steps: Steps, _ report: inout UninstallReport) async {
    do throws(DeploymentError) {
      try await manager.reload()
    } catch {
      report.failures += [error.reason] + error.failures
    }
    await attempt(.restart, steps.restart, &report)
    var forgotten = UninstallReport()
    await attempt(.forget, steps.forget, &forgotten)
  }

  private func attempt(
    _ action: UnitAction, _ units: [String], _ report: inout UninstallReport
  ) async {
    do throws(DeploymentError) {
      try await manager.perform(action, on: units)
    } catch {
      report.failures += [error.reason] + error.failures
    }
  }

  /// Removes the configurations and the record; what else is there is not ours.
  private func removeHome(_ report: inout UninstallReport) throws(SystemFilesError) {
    let home = try disk.directory(at: places.home)
    for name: FilePath.Component in [
      "current", "previous", "configurations", "record.json", "lock",
    ] {
      try home.removeTree(name)
    }
    for name in try home.entries() where isTemporaryName(name) { try home.removeTree(name) }
    let entries = try home.entries()
    let others = entries.map { places.home.appending($0).string }.filter { path in
      !report.kept.contains { FilePath($0).isBelow(path) }
    }
    if entries.isEmpty {
      let parent = try disk.directory(at: places.home.removingLastComponent())
      do throws(SystemFilesError) {
        try parent.removeEmptyDirectory(places.home.lastComponent!)
        report.removed.append(places.home.string)
      } catch {
        // Such as a file system of its own.
        report.kept.append(places.home.string)
      }
    } else {
      report.kept += others
    }
    report.removed.sort()
    report.kept = Set(report.kept).sorted()
  }

  private func removeState(_ report: inout UninstallReport) throws(SystemFilesError) {
    guard let parent = try disk.parent(of: Self.state),
      try parent.status(of: Self.state.lastComponent!) != nil
    else { return }
    try disk.removeTree(Self.state)
    report.removed.append(Self.state.string)
  }
}
