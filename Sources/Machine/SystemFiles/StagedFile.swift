import CSystemCalls
import Glibc
package import SystemPackage

/// A file (or link) beside the one whose place it will take.
///
/// It has a temporary name, mode 0600 and no content to begin with. Nothing can be seen at the
/// target before `commit`, which replaces it at once; whatever is not committed is removed.
package struct StagedFile: ~Copyable, Sendable {
  /// The mode and owner of the new file.
  package enum Attributes: Sendable {
    case exactly(FileAttributes)
    /// Those of the file that is replaced, the owner as far as the process may give it; this mode
    /// for a new file.
    case preserved(newMode: UInt32)
  }

  let directory: DirectoryDescriptor
  /// nil once it is committed or discarded.
  private(set) var temporary: FilePath.Component?
  let name: FilePath.Component
  /// -1 for a link, and once it is closed.
  private var file: Int32
  private let attributes: FileAttributes
  private let ownerMayFail: Bool

  /// The path that `commit` replaces.
  package var path: FilePath { directory.path.appending(name) }

  /// Stages the replacement of the file at `path`, whose directory is there.
  package init(replacing path: FilePath, _ attributes: Attributes) throws(SystemFilesError) {
    guard let name = path.lastComponent, name.kind == .regular else {
      throw SystemFilesError(.invalid, "write", path, reason: "it names no file")
    }
    let directory = try DirectoryDescriptor(opening: path.removingLastComponent())
    try self.init(replacing: name, in: directory, attributes)
  }

  /// Stages the replacement of the file `name`. A directory there is an error. The temporary name
  /// may be given, so that it can be recorded beforehand; nothing must have it.
  package init(
    replacing name: FilePath.Component, in directory: borrowing DirectoryDescriptor,
    _ attributes: Attributes, temporary: FilePath.Component = temporaryName()
  ) throws(SystemFilesError) {
    let found = try refuseDirectory(name, in: directory)
    let copy = try directory.duplicate()
    let raw = copy.raw
    let file = try call("create a file beside", copy.path.appending(name)) {
      unsafe temporary.withPlatformString {
        unsafe openat(raw, $0, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
    }
    self.init(copy, temporary, name, file, attributes, found?.kind == .regular ? found : nil)
  }

  private init(
    _ directory: consuming DirectoryDescriptor, _ temporary: FilePath.Component,
    _ name: FilePath.Component, _ file: Int32, _ attributes: Attributes, _ replaced: FileStatus?
  ) {
    self.directory = directory
    self.temporary = temporary
    self.name = name
    self.file = file
    switch attributes {
    case .exactly(let attributes):
      self.attributes = attributes
      ownerMayFail = false
    case .preserved(let newMode):
      self.attributes = FileAttributes(
        mode: replaced?.mode ?? newMode, owner: replaced?.owner, group: replaced?.group)
      ownerMayFail = true
    }
  }

  /// Stages a link that leads to `target`, in place of whatever `name` is. A directory there is an
  /// error. The link belongs to `owner` and `group`, where they are given.
  package static func link(
    to target: FilePath, replacing name: FilePath.Component,
    in directory: borrowing DirectoryDescriptor, owner: UInt32? = nil, group: UInt32? = nil,
    temporary: FilePath.Component = temporaryName()
  ) throws(SystemFilesError) -> StagedFile {
    _ = try refuseDirectory(name, in: directory)
    let copy = try directory.duplicate()
    let raw = copy.raw
    let path = copy.path.appending(name)
    try call("create a link beside", path) {
      unsafe target.withPlatformString { to in
        unsafe temporary.withPlatformString { unsafe symlinkat(to, raw, $0) }
      }
    }
    let staged = StagedFile(copy, temporary, name, -1, .preserved(newMode: 0o777), nil)
    if owner != nil || group != nil {
      try call("change the owner of the link beside", path) {
        unsafe temporary.withPlatformString {
          unsafe adage_chown_link(raw, $0, owner ?? UInt32.max, group ?? UInt32.max)
        }
      }
    }
    return staged
  }

  deinit {
    if file >= 0 { _ = Glibc.close(file) }
    if let temporary { try? directory.remove(temporary) }
  }

  /// Writes all of the bytes at the end of what was written before.
  package func write(_ bytes: RawSpan) throws(SystemFilesError) {
    try writeAll(bytes, to: file, path: path)
  }

  package func write(_ bytes: [UInt8]) throws(SystemFilesError) {
    try unsafe write(bytes.span.bytes)
  }

  /// Lends the descriptor, open for reading and writing, for the length of a call.
  package func withDescriptor<R: ~Copyable, E: Error>(
    _ body: (FileDescriptor) throws(E) -> R
  ) throws(E) -> R {
    try body(FileDescriptor(rawValue: file))
  }

  package func status() throws(SystemFilesError) -> FileStatus {
    try FileStatus(of: file, path: path)
  }

  /// Gives the file its owner and mode, and closes it; on the disk first if `synchronizing`.
  mutating func finish(synchronizing: Bool) throws(SystemFilesError) {
    guard file >= 0 else { return }
    do {
      try attributes.apply(to: file, path: path)
    } catch let error where ownerMayFail && error.code == .notPermitted {
      // Who may not give a file away may still give it to a group of his own; set-user-ID and the
      // like were for the owner that it had.
      let mode = attributes.mode & 0o777
      do {
        try FileAttributes(mode: mode, group: attributes.group).apply(to: file, path: path)
      } catch let error where error.code == .notPermitted {
        try FileAttributes(mode: mode).apply(to: file, path: path)
      }
    }
    if synchronizing { try call("synchronize", path) { fsync(file) } }
    let result = Glibc.close(file)
    let number = Errno(rawValue: errno)
    file = -1
    if result != 0 && number != .interrupted { throw SystemFilesError("close", path, number) }
  }

  /// `renameat` onto the target.
  mutating func replaceTarget() throws(SystemFilesError) {
    guard let temporary else { return }
    try directory.rename(temporary, to: name)
    self.temporary = nil
  }

  /// Hands the temporary name over to the batch that will rename or remove it.
  mutating func handOver() -> FilePath.Component {
    defer { temporary = nil }
    return temporary!
  }

  /// Replaces the target: owner, mode, `fsync`, `renameat`, `fsync` of the directory. Without
  /// `synchronizing`, a machine that loses power may come up with the old file.
  package consuming func commit(synchronizing: Bool = true) throws(SystemFilesError) {
    try finish(synchronizing: synchronizing)
    try replaceTarget()
    if synchronizing { try directory.synchronize() }
  }

  /// Removes what was staged.
  package consuming func discard() {}
}

/// What `name` is now; an error if it is a directory.
private func refuseDirectory(
  _ name: FilePath.Component, in directory: borrowing DirectoryDescriptor
) throws(SystemFilesError) -> FileStatus? {
  let found = try directory.status(of: name)
  if found?.kind == .directory {
    throw SystemFilesError(
      .directory, "replace", directory.path.appending(name), reason: "it is a directory")
  }
  return found
}
