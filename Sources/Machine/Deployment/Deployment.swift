import Glibc
internal import Plan
package import SystemFiles
package import SystemPackage
package import Units

/// Makes a machine what a configuration says, all or nothing.
///
/// What is written, and in which order, so that a machine that stops at any moment (a loss of power, a kill) comes up
/// with all secrets of the old configuration or of the new one, and with its timers:
///
/// 1. `record.json` has what is there and what will be: whatever is cut short, the next run knows what is ours.
/// 2. Scripts. Their names have a hash of what they are, so that nothing that is there changes.
/// 3. `configurations/N`, under a temporary name until all of it is on the disk.
/// 4. The secrets, which are in memory and so are gone when the machine stops.
/// 5. In one batch, brought to the disk before the first name changes: the links `current` and `previous`, units and
///    wrappers. Booting needs nothing but these; each is whole, old or new.
/// 6. What is not wanted any more is removed, and `record.json` has what is there.
///
/// A failure up to the moment when systemd has read the new units puts everything back.
package struct Deployment: Sendable {
  let places: Places
  let disk: Disk
  /// The directory that stands for `/`; nil for the machine itself.
  let root: FilePath?
  let manager: any Manager
  let secrets: any Secrets

  package init(
    at places: Places, root: FilePath? = nil, manager: any Manager, secrets: any Secrets
  ) throws(DeploymentError) {
    self.places = places
    self.root = root
    self.manager = manager
    self.secrets = secrets
    disk = try touchingFiles { () throws(SystemFilesError) in try Disk(root: root) }
  }

  /// Whether anything was ever deployed here.
  package var isInstalled: Bool { (try? disk.directory(at: places.home)) != nil }

  /// Keeps others from changing the machine meanwhile; calls `onWait` once if somebody does already.
  package func lock(onWait: () -> Void) throws(DeploymentError) -> FileLock {
    try touchingFiles { () throws(SystemFilesError) in
      let home = try disk.directory(at: places.home, making: true)
      guard try !home.status().isForeign(to: geteuid()) else {
        throw SystemFilesError(
          .notPermitted, "use", home.path, reason: "others than root can write to it")
      }
      return try FileLock("lock", in: home, onWait: onWait)
    }
  }

  /// A path as this process sees it.
  func real(_ path: FilePath) -> FilePath {
    root.map { $0.appending(path.components) } ?? path
  }

  // MARK: What is there

  func readRecord() throws(DeploymentError) -> DeploymentRecord {
    let bytes = try touchingFiles { () throws(SystemFilesError) in
      try disk.contents(of: places.record)
    }
    guard let bytes else { return DeploymentRecord() }
    do {
      return try DeploymentRecord(json: bytes)
    } catch {
      throw DeploymentError(
        .system, "read \(places.record): \(error)",
        hint: "it says which files are adage's; move it away if you will look after those yourself")
    }
  }

  func write(_ record: DeploymentRecord) throws(SystemFilesError) {
    if record == DeploymentRecord() {
      return try disk.remove([places.record.string], emptying: [])
    }
    try disk.write(
      Artifact(path: places.record.string, .file(text: record.text, mode: 0o600)))
  }

  /// The number behind one of the links; nil if there is none.
  func number(behind link: FilePath) throws(DeploymentError) -> Int? {
    try touchingFiles { () throws(SystemFilesError) in
      try StoredConfiguration.number(behind: link, at: places, on: disk)
    }
  }

  /// The configuration that is live; nil if there is none, or it cannot be read any more.
  func live() throws(DeploymentError) -> StoredConfiguration? {
    guard let number = try number(behind: FilePath(places.current)) else { return nil }
    return try? StoredConfiguration(number, at: places, on: disk)
  }
}
