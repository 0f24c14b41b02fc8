import Glibc
internal import Plan
import SystemFiles
internal import SystemPackage

/// The mount point with its generations, which nobody else changes while this exists.
struct Storage: ~Copyable {
  let directory: DirectoryDescriptor
  /// The mode and group of the mount point, generations and directories in them.
  let attributes: FileAttributes
  private let lock: FileLock

  /// Takes the lock, waiting for another run to end, and sees to it that memory is mounted.
  ///
  /// - Parameter onWait: is called once if another run holds the lock.
  init(
    for plan: Plan, in tree: Tree, allowSwap: Bool, warnings: inout [String],
    onWait: () -> Void
  ) throws(ActivationError) {
    let path = FilePath(plan.secretsMountPoint)
    let name = name(of: path)
    let parent = try touchingFiles { () throws(SystemFilesError) in
      try tree.directory(at: path.removingLastComponent(), making: .ours)
    }
    try Storage.refuseDisk(name, in: parent)
    let lock = try touchingFiles { () throws(SystemFilesError) in
      try FileLock(FilePath.Component(name.string + ".lock")!, in: parent, onWait: onWait)
    }
    let attributes = try touchingFiles { () throws(SystemFilesError) in try Storage.attributes() }
    let directory = try Storage.memory(name, in: parent, attributes, allowSwap, &warnings)
    let status = try touchingFiles { () throws(SystemFilesError) in try directory.status() }
    // What is in it decides what is removed elsewhere, so that nobody else may have written there.
    guard !status.isForeign(to: geteuid()) else {
      throw ActivationError(
        .storage, "use \(directory.path): others than its owner can write to it",
        hint: "it must belong to root or to you, with a mode such as 0751")
    }
    // Somebody else may have mounted it, such as systemd, which knows of no group.
    if geteuid() == 0, !attributes.isMet(by: status) {
      try touchingFiles { () throws(SystemFilesError) in try directory.setAttributes(attributes) }
    }
    self.init(directory: directory, attributes: attributes, lock: lock)
  }

  private init(
    directory: consuming DirectoryDescriptor, attributes: FileAttributes, lock: consuming FileLock
  ) {
    self.directory = directory
    self.attributes = attributes
    self.lock = lock
  }

  /// Refuses a disk for a user, who can mount nothing on it, before anything is made there.
  private static func refuseDisk(
    _ name: FilePath.Component, in parent: borrowing DirectoryDescriptor
  ) throws(ActivationError) {
    guard geteuid() != 0 else { return }
    let isMissing = try touchingFiles { () throws(SystemFilesError) in
      try parent.status(of: name) == nil
    }
    let kind = try touchingFiles { () throws(SystemFilesError) in try parent.fileSystemKind() }
    if isMissing, kind == .other { throw onDisk(parent.path.appending(name)) }
  }

  private static func onDisk(_ path: FilePath) -> ActivationError {
    ActivationError(
      .storage, "activate: \(path) is on a disk, where clear text must not be written",
      hint: "set age.secretsMountPoint to a directory below $XDG_RUNTIME_DIR")
  }

  /// 0751, and the group `keys` where there is one.
  private static func attributes() throws(SystemFilesError) -> FileAttributes {
    guard geteuid() == 0 else { return FileAttributes(mode: 0o751) }
    let keys = try Accounts.group(named: "keys")
    return FileAttributes(mode: 0o751, owner: 0, group: keys?.id ?? 0)
  }

  /// Opens the directory, with memory mounted on it if it has none and that is allowed.
  private static func memory(
    _ name: FilePath.Component, in parent: borrowing DirectoryDescriptor,
    _ attributes: FileAttributes, _ allowSwap: Bool, _ warnings: inout [String]
  ) throws(ActivationError) -> DirectoryDescriptor {
    let found = try touchingFiles { () throws(SystemFilesError) in
      try parent.directory(name, orMaking: attributes)
    }
    if try touchingFiles({ () throws(SystemFilesError) in try found.isSafe() }) { return found }
    guard geteuid() == 0 else {
      try accept(found, &warnings)
      return found
    }
    let isMount = try touchingFiles { () throws(SystemFilesError) in try found.isMountPoint() }
    let kind = try touchingFiles { () throws(SystemFilesError) in try found.fileSystemKind() }
    if isMount && kind == .tmpfs(noswap: false) {
      // Somebody decided so before; mounting over it would hide what is live.
      guard allowSwap else {
        throw ActivationError(
          .storage, "use \(found.path): it is a tmpfs that may be swapped to a disk",
          hint: "unmount it, or allow swap with --allow-swap")
      }
      try accept(found, &warnings)
      return found
    }
    try mount(on: found, attributes, allowSwap)
    let mounted = try touchingFiles { () throws(SystemFilesError) in
      let mounted = try parent.directory(name)
      try mounted.setAttributes(attributes)
      return mounted
    }
    if try touchingFiles({ () throws(SystemFilesError) in try !mounted.isSafe() }) {
      try accept(mounted, &warnings)
    }
    return mounted
  }

  /// ramfs, else tmpfs without swap, else tmpfs if swap is allowed.
  private static func mount(
    on directory: borrowing DirectoryDescriptor, _ attributes: FileAttributes, _ allowSwap: Bool
  ) throws(ActivationError) {
    var kinds: [SecretsMount] = [.ramfs, .tmpfsWithoutSwap]
    if allowSwap { kinds.append(.tmpfs) }
    var failures: [String] = []
    for kind in kinds {
      do {
        return try directory.mount(kind, mode: attributes.mode)
      } catch {
        failures.append(error.description)
      }
    }
    // Where nothing can be mounted (a container), memory that is there already may do.
    if allowSwap, case .tmpfs? = try? directory.fileSystemKind() { return }
    throw ActivationError(
      .storage,
      "activate: no memory that is never swapped can be mounted on \(directory.path)",
      failures: failures,
      hint: allowSwap ? nil : "--allow-swap permits a tmpfs, which may be swapped to a disk")
  }

  /// Accepts a tmpfs, with a warning where it may reach a disk; a disk is refused.
  private static func accept(
    _ directory: borrowing DirectoryDescriptor, _ warnings: inout [String]
  ) throws(ActivationError) {
    let kind = try touchingFiles { () throws(SystemFilesError) in try directory.fileSystemKind() }
    guard case .tmpfs = kind else { throw onDisk(directory.path) }
    if case .exposed(let device)? = try? Swap.current() {
      warnings.append(
        "secrets in \(directory.path) may be swapped to \(device), which is not encrypted")
    }
  }
}

extension FileAttributes {
  fileprivate func isMet(by status: FileStatus) -> Bool {
    status.mode == mode && [nil, status.owner].contains(owner)
      && [nil, status.group].contains(group)
  }
}

extension DirectoryDescriptor {
  /// Whether what is written here never reaches a disk.
  fileprivate func isSafe() throws(SystemFilesError) -> Bool {
    let kind = try fileSystemKind()
    return kind == .ramfs || kind == .tmpfs(noswap: true)
  }
}
