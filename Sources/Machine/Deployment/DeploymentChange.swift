package import Plan
import SystemFiles
internal import SystemPackage
internal import Units

/// What would be done to a machine; nothing was yet.
package struct DeploymentChange: Sendable {
  package let difference: Difference
  /// Files that were ours and are not wanted any more, but were changed by somebody since.
  package let kept: [String]
  /// Whether an earlier change was cut short, so that there is something to do in any case.
  package let isRepair: Bool

  let target: Target
  let live: StoredConfiguration?
  /// The links to the live configuration and the one before; none if they stay as they are.
  let links: [LinkChange]
  let record: DeploymentRecord
  let comparison: Comparison
  /// What is to be on the disk when all is done, besides the configuration's own directory.
  let wanted: [Artifact]

  /// Whether the machine's files are as they should be.
  package var isEmpty: Bool { difference.isEmpty && !isRepair }
  /// The plan as it is kept.
  package var plan: Plan { target.configuration.plan }
}

/// A link to a configuration, as it is and as it is to be.
struct LinkChange: Sendable {
  let path: String
  let old: Artifact?
  let new: Artifact?
}

/// The configuration that is to be live.
struct Target: Sendable {
  let configuration: StoredConfiguration
  let unitSet: UnitSet
  /// The cipher text by secret; nil if the configuration is kept already.
  let ciphers: [String: [UInt8]]?
  /// Secrets whose cipher text is the same in the live configuration.
  let shared: Set<String>
}

extension Deployment {
  /// What a plan would change.
  package func change(
    to plan: Plan, _ settings: DeploymentSettings
  ) throws(DeploymentError) -> DeploymentChange {
    let live = try number(behind: FilePath(places.current))
    let ciphers = try readCiphers(plan)
    let settings = DeploymentSettings(places: settings.places.kept(at: places), boot: settings.boot)
    if let live, let kept = try unchanged(plan, settings, ciphers, live) {
      let target = Target(
        configuration: kept, unitSet: kept.unitSet, ciphers: nil, shared: Set(ciphers.keys))
      return try change(to: target, live: kept)
    }
    let number = try nextNumber()
    let stored = plan.stored(as: number, at: places)
    let configuration = StoredConfiguration(
      number: number, text: Array(stored.json().utf8), plan: stored, settings: settings)
    let old = try self.live()
    let target = Target(
      configuration: configuration, unitSet: configuration.unitSet, ciphers: ciphers,
      shared: try same(ciphers, in: old))
    return try change(to: target, live: old)
  }

  /// What going back to the configuration before would change.
  ///
  /// - Parameter program: this program's path, which may not be what it was.
  package func changeBack(
    program: String
  ) throws(DeploymentError) -> DeploymentChange {
    let current = try number(behind: FilePath(places.current))
    let isCutShort = try readRecord().next != nil
    guard let number = try number(behind: places.previous), number != current || isCutShort
    else {
      throw DeploymentError(
        .noConfiguration, "roll back: there is no configuration to go back to",
        hint: "the one before the live one is kept, and there was none")
    }
    var configuration = try StoredConfiguration(number, at: places, on: disk)
    configuration.settings.places.program = program
    let old = try live()
    let target = Target(
      configuration: configuration, unitSet: configuration.unitSet, ciphers: nil,
      shared: try same(try readCiphers(configuration.plan), in: old))
    return try change(to: target, live: old)
  }

  private func change(
    to target: Target, live: StoredConfiguration?
  ) throws(DeploymentError) -> DeploymentChange {
    let record = try readRecord()
    let isSame = live?.number == target.configuration.number
    let wanted = target.unitSet.artifacts
    // The configuration before keeps its scripts, because it may be gone back to.
    let staying =
      isSame
      ? record.artifacts.filter { FilePath($0.path).isBelow(Plan.filesDirectory) }
      : live?.plan.fileArtifacts ?? []
    let comparison = try touchingFiles { () throws(SystemFilesError) in
      try Comparison(wanted: wanted, staying: staying, record, on: disk)
    }
    try comparison.requireRoom()
    var difference = Difference()
    let directories: Set = [
      target.configuration.settings.places.units, live?.settings.places.units ?? places.units,
    ]
    comparison.describe(in: &difference, units: directories)
    if let next = record.next { difference.repair(record.artifacts, next, wanted, directories) }
    if !isSame {
      difference.compare(target.configuration.plan, live?.plan, same: target.shared)
      difference.changesRest = true
    }
    let known = Set(wanted.map(\.path))
    return DeploymentChange(
      difference: difference, kept: comparison.kept, isRepair: record.next != nil, target: target,
      live: live, links: isSame ? [] : try links(to: target, live), record: record,
      comparison: comparison,
      wanted: wanted
        + staying.filter { artifact in
          !known.contains(artifact.path) && record.contents[artifact.path] != nil
        })
  }

  /// The live configuration if it is what the plan, the settings and the cipher texts would make.
  private func unchanged(
    _ plan: Plan, _ settings: DeploymentSettings, _ ciphers: [String: [UInt8]], _ live: Int
  ) throws(DeploymentError) -> StoredConfiguration? {
    let stored = plan.stored(as: live, at: places)
    let text = Array(stored.json().utf8)
    let directory = places.configuration(live)
    let (oldText, oldSettings) = try touchingFiles { () throws(SystemFilesError) in
      (
        try disk.contents(of: directory.appending("plan.json")),
        try disk.contents(of: directory.appending("deployment.json"))
      )
    }
    let configuration = StoredConfiguration(
      number: live, text: text, plan: stored, settings: settings)
    guard oldText == text, oldSettings == Array(settings.text.utf8),
      try same(ciphers, in: configuration).count == ciphers.count
    else { return nil }
    return configuration
  }

  /// The cipher texts of a plan, all or an error that says which cannot be read.
  private func readCiphers(_ plan: Plan) throws(DeploymentError) -> [String: [UInt8]] {
    var ciphers: [String: [UInt8]] = [:]
    var failures: [String] = []
    for secret in plan.secrets {
      do throws(SystemFilesError) {
        ciphers[secret.name] = try readFile(
          real(stored: FilePath(secret.file)), limit: Deployment.largestSecret)
      } catch {
        failures.append("secret \(secret.name): \(error)")
      }
    }
    guard failures.isEmpty else {
      throw DeploymentError(
        .secrets,
        "read the secrets: \(counted(failures.count, "file")) cannot be read; nothing was changed",
        failures: failures)
    }
    return ciphers
  }

  /// More than is decrypted: 1 GiB.
  private static let largestSecret = 1 << 30

  /// Only what is kept is below the root; a repository is where it says.
  private func real(stored path: FilePath) -> FilePath {
    path.isBelow(places.configurations.string) ? real(path) : path
  }

  /// The secrets whose cipher text a configuration has, too.
  private func same(
    _ ciphers: [String: [UInt8]], in configuration: StoredConfiguration?
  ) throws(DeploymentError) -> Set<String> {
    guard let configuration else { return [] }
    let names = Set(configuration.plan.secrets.map(\.name))
    var same: Set<String> = []
    for (name, bytes) in ciphers where names.contains(name) {
      let path = StoredConfiguration.secret(name, of: configuration.number, at: places)
      let kept = try? readFile(real(path), limit: Deployment.largestSecret, followingLinks: false)
      if kept == bytes { same.insert(name) }
    }
    return same
  }

  /// The one before first: should the machine stop between the two, both lead to what is live.
  private func links(
    to target: Target, _ live: StoredConfiguration?
  ) throws(DeploymentError) -> [LinkChange] {
    let (current, previous) = (places.current, places.previous.string)
    let (oldCurrent, oldPrevious) = try touchingFiles { () throws(SystemFilesError) in
      (
        try disk.linkTarget(of: FilePath(current)), try disk.linkTarget(of: FilePath(previous))
      )
    }
    let link = { (path: String, target: FilePath?) in
      target.map { Artifact(path: path, .link(to: $0.string)) }
    }
    let directory = FilePath(places.configurations.lastComponent!.string)
    return [
      LinkChange(
        path: previous, old: link(previous, oldPrevious),
        new: live.flatMap { link(previous, directory.appending(String($0.number))) }),
      LinkChange(
        path: current, old: link(current, oldCurrent),
        new: link(current, directory.appending(String(target.configuration.number)))),
    ]
  }

  private func nextNumber() throws(DeploymentError) -> Int {
    try touchingFiles { () throws(SystemFilesError) in
      (try StoredConfiguration.numbers(at: places, on: disk).max() ?? 0) + 1
    }
  }
}

extension Places {
  /// These places with the configurations of others.
  fileprivate func kept(at other: Places) -> Places {
    var places = self
    places.current = other.current
    return places
  }
}

extension Difference {
  /// Adds what changes of secrets and jobs.
  fileprivate mutating func compare(_ plan: Plan, _ old: Plan?, same: Set<String>) {
    let oldSecrets = Dictionary((old?.secrets ?? []).map { ($0.name, $0) }) { first, _ in first }
    for secret in plan.secrets {
      var secret = secret
      guard let known = oldSecrets[secret.name] else {
        secrets[secret.name] = .added
        continue
      }
      secret.file = known.file
      if secret != known || !same.contains(secret.name) { secrets[secret.name] = .changed }
    }
    for name in Set(oldSecrets.keys).subtracting(plan.secrets.map(\.name)) {
      secrets[name] = .removed
    }
    let oldJobs = Dictionary((old?.jobs ?? []).map { ($0.name, $0) }) { first, _ in first }
    // Otherwise its unit is told.
    for job in plan.jobs where units["\(job.unit).service"] == nil && oldJobs[job.name] != job {
      jobs[job.name] = .changed
    }
  }

  /// Adds the units that a change which was cut short may have left between old and new.
  fileprivate mutating func repair(
    _ old: [Artifact], _ next: [Artifact], _ wanted: [Artifact], _ directories: Set<String>
  ) {
    let contents = { (artifacts: [Artifact]) in
      Dictionary(artifacts.map { ($0.path, $0) }) { _, last in last }
    }
    let (old, next, wanted) = (contents(old), contents(next), contents(wanted))
    var repaired = Difference()
    for path in Set(old.keys).union(next.keys).union(wanted.keys) {
      let versions = [old[path], next[path], wanted[path]]
      guard let some = versions.compactMap({ $0 }).first,
        versions.contains(where: { $0?.content.isSame(as: some.content) != true })
      else { continue }
      let kind: Kind =
        wanted[path] == nil ? .removed : old[path] == nil ? .added : .changed
      repaired.add(wanted[path] ?? some, kind, in: directories)
    }
    units.merge(repaired.units) { known, _ in known }
  }
}
