import CSystemCalls
import Glibc
package import SystemPackage

/// An open directory; names in it are looked up with the `…at` system calls, so that nothing that
/// happens to its path meanwhile leads elsewhere.
///
/// A name is one component; a link is never followed on the way to it.
package struct DirectoryDescriptor: ~Copyable, Sendable {
  /// -1 once it is closed.
  private(set) var raw: Int32
  /// Where it was opened, for messages.
  package let path: FilePath

  /// Takes over an open descriptor.
  init(owning raw: Int32, path: FilePath) {
    self.raw = raw
    self.path = path
  }

  /// `open` with `O_DIRECTORY`; with `followingLinks` false, `path` itself must be no link.
  package init(opening path: FilePath, followingLinks: Bool = true) throws(SystemFilesError) {
    let path: FilePath = path.isEmpty ? "." : path
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW)
    let descriptor: Int32
    do {
      descriptor = try call("open directory", path) {
        unsafe path.withPlatformString { unsafe open($0, flags) }
      }
    } catch let error where error.code == .notDirectory && !followingLinks {
      // The kernel says "not a directory" of a link, too.
      guard try FileStatus(path, followingLinks: false).kind == .link else { throw error }
      throw SystemFilesError(.link, "open directory", path, reason: "it is a link")
    }
    self.init(owning: descriptor, path: path)
  }

  deinit { if raw >= 0 { _ = Glibc.close(raw) } }

  /// A second descriptor of the same directory.
  package func duplicate() throws(SystemFilesError) -> DirectoryDescriptor {
    let copy = try call("open directory", path) { fcntl(raw, F_DUPFD_CLOEXEC, 3) }
    return DirectoryDescriptor(owning: copy, path: path)
  }

  /// Lends the descriptor's number for the length of a call.
  package func withDescriptor<R>(_ body: (FileDescriptor) -> R) -> R {
    body(FileDescriptor(rawValue: raw))
  }

  package func status() throws(SystemFilesError) -> FileStatus {
    try FileStatus(of: raw, path: path)
  }

  /// Status of what `name` is, a link's own included; nil if nothing is there.
  package func status(of name: FilePath.Component) throws(SystemFilesError) -> FileStatus? {
    var status = stat()
    do {
      try call("examine", path.appending(name)) {
        unsafe name.withPlatformString {
          unsafe fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
      }
    } catch let error where error.code == .notFound {
      return nil
    }
    return FileStatus(status)
  }

  /// Opens the directory `name`; a link there is an error.
  package func directory(
    _ name: FilePath.Component
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    try directory(name, at: path.appending(name))
  }

  func directory(
    _ name: FilePath.Component, at path: FilePath,
    flags: Int32 = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    do {
      let descriptor = try call("open directory", path) {
        unsafe name.withPlatformString { unsafe openat(raw, $0, flags) }
      }
      return DirectoryDescriptor(owning: descriptor, path: path)
    } catch let error where error.code == .notDirectory {
      // The kernel says "not a directory" of a link, too.
      guard try status(of: name)?.kind == .link else { throw error }
      throw SystemFilesError(.link, "open directory", path, reason: "it is a link")
    }
  }

  /// Makes the directory `name`, with its mode and owner whatever the umask, and opens it.
  package func makeDirectory(
    _ name: FilePath.Component, _ attributes: FileAttributes
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    try call("make directory", path.appending(name)) {
      unsafe name.withPlatformString { unsafe mkdirat(raw, $0, 0o700) }
    }
    let made = try directory(name)
    // Where others can rename, another directory may have its name by now; only an empty one is given away.
    if let owner = attributes.owner, owner != geteuid(), try !made.entries().isEmpty {
      throw SystemFilesError(.exists, "make directory", made.path, reason: "it was exchanged")
    }
    try attributes.apply(to: made.raw, path: made.path)
    return made
  }

  /// Opens the directory `name`, which is made first if nothing is there.
  package func directory(
    _ name: FilePath.Component, orMaking attributes: FileAttributes
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    do {
      return try makeDirectory(name, attributes)
    } catch let error where error.code == .exists {
      return try directory(name)
    }
  }

  /// Sets this directory's own mode and owner.
  package func setAttributes(_ attributes: FileAttributes) throws(SystemFilesError) {
    try attributes.apply(to: raw, path: path)
  }

  /// Where the link `name` leads; nil if nothing is there, an error if it is no link.
  package func linkTarget(of name: FilePath.Component) throws(SystemFilesError) -> FilePath? {
    let path = path.appending(name)
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let capacity = Int(PATH_MAX)
    let count = unsafe name.withPlatformString { unsafe readlinkat(raw, $0, &bytes, capacity) }
    if count < 0 {
      let number = Errno(rawValue: errno)
      if number == .noSuchFileOrDirectory { return nil }
      if number != .invalidArgument { throw SystemFilesError("read link", path, number) }
      throw SystemFilesError(.exists, "read link", path, reason: "it is not a link")
    }
    return FilePath(platformString: bytes)
  }

  /// `renameat` within this directory: `name` takes the place of `other`.
  package func rename(
    _ name: FilePath.Component, to other: FilePath.Component
  ) throws(SystemFilesError) {
    try call("replace", path.appending(other)) {
      unsafe name.withPlatformString { from in
        unsafe other.withPlatformString { unsafe renameat(raw, from, raw, $0) }
      }
    }
  }

  /// `linkat`: a second name, in this directory, for the file that is `other` in another one.
  package func link(
    _ other: FilePath.Component, in directory: borrowing DirectoryDescriptor,
    as name: FilePath.Component
  ) throws(SystemFilesError) {
    let source = directory.raw
    try call("link", path.appending(name)) {
      unsafe other.withPlatformString { from in
        unsafe name.withPlatformString { unsafe linkat(source, from, raw, $0, 0) }
      }
    }
  }

  /// `fsync` of the directory: its names are on the disk.
  package func synchronize() throws(SystemFilesError) {
    try call("synchronize", path) { fsync(raw) }
  }

  /// `syncfs`: all that was written to the directory's file system is on the disk.
  package func synchronizeFileSystem() throws(SystemFilesError) {
    try call("synchronize", path) { adage_syncfs(raw) }
  }

  package consuming func close() throws(SystemFilesError) {
    let result = Glibc.close(raw)
    let number = Errno(rawValue: errno)
    raw = -1
    // Linux has closed it even when it says EINTR.
    if result != 0 && number != .interrupted { throw SystemFilesError("close", path, number) }
  }
}
