import Glibc
package import SystemPackage

/// An open regular file.
package struct OpenFile: ~Copyable, Sendable {
  /// -1 once it is closed.
  private var raw: Int32
  package let path: FilePath

  fileprivate init(owning raw: Int32, path: FilePath) {
    self.raw = raw
    self.path = path
  }

  deinit { if raw >= 0 { _ = Glibc.close(raw) } }

  /// Opens a regular file for reading. A FIFO or a device is an error and does not block; with
  /// `followingLinks` false so is a link at the path's end.
  package init(reading path: FilePath, followingLinks: Bool = true) throws(SystemFilesError) {
    try self.init(reading: path, in: AT_FDCWD, path: path, followingLinks: followingLinks)
  }

  private init(
    reading name: FilePath, in directory: Int32, path: FilePath, followingLinks: Bool
  ) throws(SystemFilesError) {
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW)
    let opened = OpenFile(
      owning: try call("read", path) {
        unsafe name.withPlatformString { unsafe openat(directory, $0, flags) }
      }, path: path)
    let status = try opened.status()
    guard status.kind == .regular else {
      let code: SystemFilesError.Code = status.kind == .directory ? .directory : .notRegular
      throw SystemFilesError(code, "read", path, reason: "it is \(status.kind.rawValue)")
    }
    self = opened
  }

  /// Opens the regular file `name` of a directory for reading; a link there is an error.
  package static func reading(
    _ name: FilePath.Component, in directory: borrowing DirectoryDescriptor
  ) throws(SystemFilesError) -> OpenFile {
    try OpenFile(
      reading: FilePath().appending(name), in: directory.raw, path: directory.path.appending(name),
      followingLinks: false)
  }

  /// Makes the file `name`, mode 0600, where nothing is.
  package static func creating(
    _ name: FilePath.Component, in directory: borrowing DirectoryDescriptor
  ) throws(SystemFilesError) -> OpenFile {
    let path = directory.path.appending(name)
    let raw = directory.raw
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    return OpenFile(
      owning: try call("create", path) {
        unsafe name.withPlatformString { unsafe openat(raw, $0, flags, 0o600) }
      }, path: path)
  }

  package func status() throws(SystemFilesError) -> FileStatus {
    try FileStatus(of: raw, path: path)
  }

  /// Writes all of the bytes at the end of what was written before.
  package func write(_ bytes: RawSpan) throws(SystemFilesError) {
    try writeAll(bytes, to: raw, path: path)
  }

  package func write(_ bytes: [UInt8]) throws(SystemFilesError) {
    try unsafe write(bytes.span.bytes)
  }

  /// Fills the buffer as far as the file goes; the number of bytes read.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemFilesError) -> Int {
    try unsafe readAll(from: raw, into: buffer, path: path)
  }

  package func setAttributes(_ attributes: FileAttributes) throws(SystemFilesError) {
    try attributes.apply(to: raw, path: path)
  }

  /// Lends the descriptor's number for the length of a call.
  package func withDescriptor<R: ~Copyable, E: Error>(
    _ body: (FileDescriptor) throws(E) -> R
  ) throws(E) -> R {
    try body(FileDescriptor(rawValue: raw))
  }

  /// `fsync`: the content is on the disk.
  package func synchronize() throws(SystemFilesError) {
    try call("synchronize", path) { fsync(raw) }
  }

  package consuming func close() throws(SystemFilesError) {
    let result = Glibc.close(raw)
    let number = Errno(rawValue: errno)
    raw = -1
    if result != 0 && number != .interrupted { throw SystemFilesError("close", path, number) }
  }
}

/// The content of a regular file of at most `limit` bytes.
package func readFile(
  _ path: FilePath, limit: Int, followingLinks: Bool = true
) throws(SystemFilesError) -> [UInt8] {
  try OpenFile(reading: path, followingLinks: followingLinks).contents(limit: limit)
}

extension OpenFile {
  /// What is left to read, at most `limit` bytes.
  package func contents(limit: Int) throws(SystemFilesError) -> [UInt8] {
    // Files below /proc say that they have no bytes, so the size is only a first guess.
    // A sparse file may say that it has 2^63-1.
    let size = min(Int(clamping: try status().size), limit)
    var capacity = size == 0 ? 4096 : size + 1
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      capacity = min(capacity, limit + 1 - bytes.count)
      var failure: SystemFilesError?
      let part = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        do throws(SystemFilesError) {
          count = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      if bytes.isEmpty { bytes = part } else { bytes += part }
      if part.count < capacity { return bytes }
      capacity = 65536
    }
    throw SystemFilesError(
      .tooLarge, "read", path, reason: "it is larger than \(limit) bytes")
  }
}
