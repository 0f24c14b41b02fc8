import Glibc
internal import Plan
import SystemFiles
internal import SystemPackage
internal import Units

/// What a deployment did.
package struct DeploymentReport: Sendable, Equatable {
  /// The number of the configuration that is live now.
  package var configuration: Int
  /// What was done with units.
  package var steps: Steps
  /// What the operator should know although it worked.
  package var warnings: [String]
}

/// How far a change has come, for it to be taken back.
private struct Progress {
  var isRecorded = false
  var scripts: [String] = []
  var isStored = false
  var isActivated = false
  var isReplaced = false
  var stopped: [String] = []
}

/// What is done with units, and why besides that they change.
private struct Decision {
  var steps: Steps
  var rereading: Set<String>
}

extension Deployment {
  /// Carries out a change, or leaves everything as it was.
  ///
  /// - Throws: `DeploymentError`; with the code `partlyApplied` the configuration is live nevertheless.
  @discardableResult
  package func apply(
    _ change: DeploymentChange
  ) async throws(DeploymentError) -> DeploymentReport {
    try JobAccess(change.plan).check()
    var progress = Progress()
    let decision: Decision
    do throws(DeploymentError) {
      try begin(change, &progress)
      try await verify(change)
      let changed = try activate(change, &progress)
      decision = try await decide(change, rereading: changed)
      try await replace(change, decision, &progress)
    } catch {
      let failures = await restore(change, progress)
      let outcome =
        progress.isReplaced || progress.isActivated
        ? "everything is as it was before" : "nothing was changed"
      throw DeploymentError(
        error.code == .partlyApplied ? .secrets : error.code,
        "\(error.reason); \(failures.isEmpty ? outcome : "and the old state could not be restored")",
        failures: error.failures + failures, hint: error.hint)
    }
    return try await finish(change, decision.steps)
  }

  // MARK: Before anything that is live changes

  /// Writes down what is going to change, and what has a name of its own.
  private func begin(
    _ change: DeploymentChange, _ progress: inout Progress
  ) throws(DeploymentError) {
    let scripts = change.comparison.writes.map(\.new)
      .filter { FilePath($0.path).isBelow(Plan.filesDirectory) }
    var record = change.record
    record.next = change.wanted
    try touchingFiles { () throws(SystemFilesError) in try write(record) }
    progress.isRecorded = true
    progress.scripts = scripts.map(\.path)
    try touchingFiles { () throws(SystemFilesError) in try disk.write(scripts) }
    if change.target.ciphers == nil { return }
    let shared = change.target.shared
    try touchingFiles { () throws(SystemFilesError) in
      try change.target.configuration.write(
        ciphers: change.target.ciphers ?? [:],
        sharing: change.live.map { ($0.number, shared) }, on: disk)
    }
    progress.isStored = true
  }

  /// Lets systemd look at the units that change, at a place of their own.
  private func verify(_ change: DeploymentChange) async throws(DeploymentError) {
    let places = change.target.configuration.settings.places
    let changed = change.difference.units.filter { $0.value.isRedefined }
    let units = change.target.unitSet.units
      .filter { $0.isEnabled && changed[$0.name] != nil }.map(\.name)
    if units.isEmpty { return }
    let staging = places.staging
    try touchingFiles { () throws(SystemFilesError) in
      try stage(change.target.unitSet.artifacts, from: places.units, to: staging)
    }
    defer { try? disk.removeTree(staging) }
    let complaints = try await manager.complaints(about: units, in: real(staging))
    if complaints.isEmpty { return }
    throw DeploymentError(
      .unit, "check the units: systemd does not take them as they are",
      failures: complaints.map { $0.replacing(real(staging).string, with: places.units) })
  }

  private func stage(
    _ artifacts: [Artifact], from directory: String, to staging: FilePath
  ) throws(SystemFilesError) {
    try disk.removeTree(staging)
    _ = try disk.directory(at: staging, making: true, mode: 0o700)
    for artifact in artifacts {
      guard case .file(let text, _) = artifact.content, FilePath(artifact.path).isBelow(directory)
      else { continue }
      var path = FilePath(artifact.path)
      _ = path.removePrefix(FilePath(directory))
      let parent = try disk.directory(
        at: staging.appending(path.components).removingLastComponent(), making: true)
      let file = try OpenFile.creating(path.lastComponent!, in: parent)
      try file.write(Array(text.utf8))
    }
  }

  /// Installs the secrets.
  ///
  /// - Returns: the paths of those that units have to read again.
  private func activate(
    _ change: DeploymentChange, _ progress: inout Progress
  ) throws(DeploymentError) -> [String] {
    guard !change.plan.secrets.isEmpty else {
      guard let old = change.live?.plan, !old.secrets.isEmpty else { return [] }
      progress.isActivated = true
      try secrets.remove(old)
      return []
    }
    let candidates = change.plan.secrets.filter { change.difference.secrets[$0.name] != nil }
      .map(\.path)
    var changed = change.target.unitSet.units(reading: candidates).isEmpty ? [] : candidates
    // Cipher text that differs may say the same; after a run that was cut short nobody knows any more.
    if !changed.isEmpty && !change.isRepair { changed = try secrets.changes(change.plan) }
    do throws(DeploymentError) {
      try secrets.activate(change.plan)
      progress.isActivated = true
    } catch {
      progress.isActivated = error.code == .partlyApplied
      throw error
    }
    return changed
  }

  private func decide(
    _ change: DeploymentChange, rereading changed: [String]
  ) async throws(DeploymentError) -> Decision {
    let units = Dictionary(change.target.unitSet.units.map { ($0.name, $0) }) { first, _ in first }
    let rereading = change.target.unitSet.units(reading: changed).union(change.record.rereading)
    let starting = Set(change.record.starting)
    let names = Steps.units(
      deciding: change.difference.units, units, rereading: rereading, starting: starting)
    let steps = Steps(
      for: change.difference.units, units, try await manager.states(of: names),
      rereading: rereading, starting: starting)
    return Decision(steps: steps, rereading: rereading)
  }

  // MARK: What is live

  /// Puts everything in its place, up to the moment when systemd has read it.
  private func replace(
    _ change: DeploymentChange, _ decision: Decision, _ progress: inout Progress
  ) async throws(DeploymentError) {
    let interrupts = [SIGHUP, SIGINT, SIGTERM].map { ($0, signal($0, SIG_IGN)) }
    defer { for (number, handler) in interrupts { _ = signal(number, handler) } }
    let places = change.target.configuration.settings.places
    try exchange(change, decision, &progress)
    if change.comparison.writes.contains(where: { $0.new.path == places.temporaryFiles }) {
      try await manager.makeTemporaryFiles(places.temporaryFiles)
    }
    progress.stopped = decision.steps.stop
    try await manager.perform(.stop, on: decision.steps.stop)
    let removals = change.comparison.removals.map(\.path)
      .filter { !FilePath($0).isBelow(Plan.filesDirectory) }
    try touchingFiles { () throws(SystemFilesError) in
      try disk.remove(removals, emptying: change.unitDirectories)
    }
    if !change.difference.units.isEmpty || change.isRepair { try await manager.reload() }
  }

  /// Writes units, wrappers and the links to configurations, in one batch.
  private func exchange(
    _ change: DeploymentChange, _ decision: Decision, _ progress: inout Progress
  ) throws(DeploymentError) {
    let writes = change.comparison.writes.map(\.new)
      .filter { !FilePath($0.path).isBelow(Plan.filesDirectory) }
    var record = change.record
    record.next = change.wanted
    record.starting = Set(record.starting).union(decision.steps.start).sorted()
    record.rereading = decision.rereading.sorted()
    do throws(SystemFilesError) {
      if record.starting + record.rereading != [] { try write(record) }
      try disk.write(change.links.compactMap(\.new) + writes)
      progress.isReplaced = true
    } catch {
      progress.isReplaced = error.code == .partlyReplaced
      throw DeploymentError(error)
    }
  }

  /// Takes back what was done.
  ///
  /// - Returns: what could not be.
  private func restore(_ change: DeploymentChange, _ progress: Progress) async -> [String] {
    var failures: [String] = []
    func attempt(_ body: () async throws(DeploymentError) -> Void) async {
      do throws(DeploymentError) {
        try await body()
      } catch {
        failures += [error.reason] + error.failures
      }
    }
    if progress.isReplaced {
      await attempt { () throws(DeploymentError) in
        try touchingFiles { () throws(SystemFilesError) in try putBack(change) }
      }
      await attempt(manager.reload)
    }
    if progress.isActivated {
      await attempt { () throws(DeploymentError) in
        if let old = change.live?.plan, !old.secrets.isEmpty {
          try secrets.activate(old)
        } else {
          try secrets.remove(change.plan)
        }
      }
    }
    await attempt { () throws(DeploymentError) in
      try await manager.perform(.start, on: progress.stopped)
    }
    await attempt { () throws(DeploymentError) in
      try touchingFiles { () throws(SystemFilesError) in try discard(change, progress) }
    }
    return failures
  }

  private func putBack(_ change: DeploymentChange) throws(SystemFilesError) {
    let replaced =
      change.comparison.writes.filter { !FilePath($0.new.path).isBelow(Plan.filesDirectory) }
    var old = replaced.compactMap { write in
      write.old.map { Artifact(path: write.new.path, $0) }
    }
    old += change.comparison.removals.filter { !FilePath($0.path).isBelow(Plan.filesDirectory) }
    var new = replaced.filter { $0.old == nil }.map(\.new.path)
    for link in change.links {
      if let there = link.old { old.append(there) } else { new.append(link.path) }
    }
    try disk.write(old)
    try disk.remove(new, emptying: change.unitDirectories)
  }

  private func discard(
    _ change: DeploymentChange, _ progress: Progress
  ) throws(SystemFilesError) {
    if progress.isStored {
      try disk.removeTree(places.configuration(change.target.configuration.number))
    }
    try disk.remove(progress.scripts, emptying: [places.home.string])
    if progress.isRecorded { try write(change.record) }
  }

  // MARK: Afterwards

  /// Starts what is to be started, and removes what nobody needs any more.
  private func finish(
    _ change: DeploymentChange, _ steps: Steps
  ) async throws(DeploymentError) -> DeploymentReport {
    var failures: [String] = []
    for (action, units) in [
      (UnitAction.forget, steps.forget), (.restart, steps.restart), (.reload, steps.reload),
      (.start, steps.start),
    ] {
      do throws(DeploymentError) {
        try await manager.perform(action, on: units)
      } catch {
        if action != .forget { failures += [error.reason] + error.failures }
      }
    }
    try touchingFiles { () throws(SystemFilesError) in
      let scripts = change.comparison.removals.map(\.path)
        .filter { FilePath($0).isBelow(Plan.filesDirectory) }
      try disk.remove(scripts, emptying: [places.home.string])
      try write(DeploymentRecord(artifacts: change.wanted))
      try removeConfigurations(keeping: change)
    }
    let number = change.target.configuration.number
    guard failures.isEmpty else {
      throw DeploymentError(
        .partlyApplied, "switch: configuration \(number) is live, but not all of its units are",
        failures: failures)
    }
    return DeploymentReport(
      configuration: number, steps: steps,
      warnings: change.kept.map {
        "\($0) is not wanted any more, but was changed since adage wrote it: it stays"
      })
  }

  private func removeConfigurations(
    keeping change: DeploymentChange
  ) throws(SystemFilesError) {
    let previous = try StoredConfiguration.number(behind: places.previous, at: places, on: disk)
    let directory = try disk.directory(at: places.configurations)
    for name in try directory.entries() {
      let number = StoredConfiguration.number(ofDirectory: name)
      if let number, number == change.target.configuration.number || number == previous {
        continue
      }
      if number != nil || isTemporaryName(name) { try directory.removeTree(name) }
    }
  }
}

extension DeploymentChange {
  /// Directories in which those that are empty are ours to remove.
  fileprivate var unitDirectories: [String] {
    [target.configuration.settings.places.units, live?.settings.places.units, "/etc/systemd/user"]
      .compactMap { $0 }
  }
}

extension UnitSet {
  /// The units that read one of these secrets.
  func units(reading paths: [String]) -> Set<String> {
    Set(paths.flatMap { readers[$0] ?? [] })
  }
}
