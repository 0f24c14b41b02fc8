import Glibc
package import SystemPackage

/// An exclusive `flock` on a file of its own, held until it is released or the process ends.
///
/// The file stays behind: removing it would let two runs hold locks on two files of one name.
package struct FileLock: ~Copyable, Sendable {
  private let raw: Int32

  /// Takes the lock on the file `name`, which is made with mode 0600 if it is missing; if another
  /// process holds it, calls `onWait` once and waits.
  package init(
    _ name: FilePath.Component, in directory: borrowing DirectoryDescriptor,
    onWait: () -> Void = {}
  ) throws(SystemFilesError) {
    let path = directory.path.appending(name)
    let parent = directory.raw
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let file = try call("lock", path) {
      unsafe name.withPlatformString { unsafe openat(parent, $0, flags, 0o600) }
    }
    let opened = FileLock(owning: file)
    guard try FileStatus(of: file, path: path).kind == .regular else {
      throw SystemFilesError(.notRegular, "lock", path, reason: "it is not a regular file")
    }
    do {
      try call("lock", path) { flock(file, LOCK_EX | LOCK_NB) }
    } catch let error where error.errno == .wouldBlock {
      onWait()
      try call("lock", path) { flock(file, LOCK_EX) }
    }
    self = opened
  }

  private init(owning raw: Int32) { self.raw = raw }

  deinit { _ = Glibc.close(raw) }

  package consuming func release() {}
}
