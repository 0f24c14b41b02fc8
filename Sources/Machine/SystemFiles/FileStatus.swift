import Glibc
package import SystemPackage

/// What `fstat` says of a file.
package struct FileStatus: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case regular = "a regular file"
    case directory = "a directory"
    case link = "a link"
    case fifo = "a FIFO"
    case socket = "a socket"
    case device = "a device"
  }

  package let kind: Kind
  /// Permissions: the lower twelve bits.
  package let mode: UInt32
  package let owner: UInt32
  package let group: UInt32
  package let size: Int64
  package let device: UInt64
  package let inode: UInt64
  /// Nanoseconds since 1970 of the last change of the content.
  package let modified: Int64
  /// Nanoseconds since 1970 of the last change of the content or the attributes.
  package let changed: Int64

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .link
      case S_IFIFO: .fifo
      case S_IFSOCK: .socket
      default: .device
      }
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    size = Int64(status.st_size)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    modified = nanoseconds(status.st_mtim)
    changed = nanoseconds(status.st_ctim)
  }

  /// `fstat`.
  init(of descriptor: Int32, path: FilePath) throws(SystemFilesError) {
    var status = stat()
    try call("examine", path) { unsafe fstat(descriptor, &status) }
    self.init(status)
  }

  /// `stat` of a path, with or without following a link at its end.
  package init(_ path: FilePath, followingLinks: Bool = true) throws(SystemFilesError) {
    var status = stat()
    try call("examine", path) {
      unsafe path.withPlatformString {
        unsafe fstatat(AT_FDCWD, $0, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW)
      }
    }
    self.init(status)
  }

  /// Whether others than root and `user` could have changed what is here: they own it, or its
  /// group or everybody may write to it.
  package func isForeign(to user: UInt32) -> Bool {
    (owner != 0 && owner != user) || mode & 0o022 != 0
  }
}

/// Anybody can set a file's time beyond the year 2262, where the nanoseconds wrap around: they are only compared.
private func nanoseconds(_ time: timespec) -> Int64 {
  Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}

/// Who and what a new file or directory is to be.
package struct FileAttributes: Sendable, Equatable {
  package var mode: UInt32
  /// nil leaves the user of the process.
  package var owner: UInt32?
  /// nil leaves the group of the process (or of the directory, where it says so).
  package var group: UInt32?

  package init(mode: UInt32, owner: UInt32? = nil, group: UInt32? = nil) {
    self.mode = mode
    self.owner = owner
    self.group = group
  }

  /// `fchown`, then `fchmod`: a change of owner clears bits of the mode.
  func apply(to descriptor: Int32, path: FilePath) throws(SystemFilesError) {
    if owner != nil || group != nil {
      try call("change the owner of", path) {
        fchown(descriptor, owner ?? UInt32.max, group ?? UInt32.max)
      }
    }
    try call("change the mode of", path) { fchmod(descriptor, mode) }
  }
}
