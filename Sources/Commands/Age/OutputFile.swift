import CSystemCalls
import Glibc
import SystemFiles
import SystemPackage

/// The file that `-o` names, which nobody sees before it is whole.
///
/// A regular file is written beside its place and renamed, with the mode of the one it replaces; links to it stay. FIFOs,
/// devices and descriptors of this process are written as they are.
struct OutputFile: ~Copyable {
  private static let mostLinks = 40

  private struct Place: ~Copyable {
    /// What is written first, if the path is that of a regular file or of nothing.
    var staged: StagedFile?
    let path: FilePath
    let replaces: Bool
  }

  private let name: String
  private var place: Place

  /// Stages the file; a directory that cannot be written fails here, before any work is done.
  init(_ name: String) throws(AgeFailure) {
    let place: Place
    do throws(SystemFilesError) {
      place = try Self.place(for: FilePath(name))
    } catch {
      throw AgeFailure("failed to open output file \(name.quoted): \(error.cause)")
    }
    self.name = name
    self.place = consume place
  }

  deinit { adage_remove_if_interrupted(nil) }

  private static func place(for path: FilePath) throws(SystemFilesError) -> Place {
    let path = try target(of: path)
    let found = status(path)
    if found?.kind == .directory {
      throw SystemFilesError(.directory, "open", path, reason: "is a directory")
    }
    if let found, found.kind != .regular || path.isSpecial {
      return Place(staged: nil, path: path, replaces: true)
    }
    try requireWritable(path, found)
    guard let name = path.lastComponent, name.kind == .regular else {
      throw SystemFilesError(.directory, "open", path, reason: "is a directory")
    }
    let directory = try DirectoryDescriptor(opening: path.removingLastComponent())
    let temporary = temporaryName()
    unsafe directory.path.appending(temporary).withPlatformString {
      unsafe adage_remove_if_interrupted($0)
    }
    let staged = try StagedFile(
      replacing: name, in: directory, .preserved(newMode: 0o666 & ~currentUmask()),
      temporary: temporary)
    return Place(staged: staged, path: path, replaces: found != nil)
  }

  /// Opens the file, lets its content be written, and puts it into its place if that went well.
  consuming func write(_ body: (FileDescriptor) throws -> Void) throws {
    guard let staged = place.staged.take() else {
      try writeAtOnce(body)
      return
    }
    try staged.withDescriptor(body)
    do throws(SystemFilesError) {
      // What there was is not given up for what a loss of power could leave empty.
      try staged.commit(synchronizing: place.replaces)
    } catch {
      throw AgeFailure("failed to write output file \(name.quoted): \(error.cause)")
    }
  }

  private func writeAtOnce(_ body: (FileDescriptor) throws -> Void) throws {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        place.path, .writeOnly, options: [.closeOnExec, .truncate])
    } catch {
      throw AgeFailure("failed to open output file \(name.quoted): \("\(error)".lowercased())")
    }
    defer { try? descriptor.close() }
    try body(descriptor)
  }

  /// Whether two paths lead to one file: to the same regular file, or to nothing by the same name.
  static func isSame(_ one: FilePath, _ other: FilePath) -> Bool {
    guard let left = status(one), let right = status(other) else {
      return one.lexicallyNormalized() == other.lexicallyNormalized()
    }
    return left.kind == .regular && left.device == right.device && left.inode == right.inode
  }

  // MARK: Paths

  private static func status(_ path: FilePath) -> FileStatus? { try? FileStatus(path) }

  /// The path behind links, so that a link stays one and what it leads to is replaced.
  private static func target(of path: FilePath) throws(SystemFilesError) -> FilePath {
    var path = path
    for _ in 0..<mostLinks {
      guard !path.isSpecial, let name = path.lastComponent, name.kind == .regular,
        (try? FileStatus(path, followingLinks: false))?.kind == .link
      else { return path }
      let directory = try DirectoryDescriptor(opening: path.removingLastComponent())
      guard let target = try directory.linkTarget(of: name) else { return path }
      path = path.removingLastComponent().pushing(target)
    }
    throw SystemFilesError("open", path, .tooManySymbolicLinkLevels)
  }

  /// A file that this process may not write is not replaced, either.
  private static func requireWritable(
    _ path: FilePath, _ found: FileStatus?
  ) throws(SystemFilesError) {
    guard found != nil else { return }
    let result = unsafe path.withPlatformString { unsafe faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) }
    if result != 0 { throw SystemFilesError("open", path, Errno(rawValue: errno)) }
  }
}

/// `PROC_SUPER_MAGIC`.
private let procfs: UInt64 = 0x9fa0

extension FilePath {
  /// Whether the path lies in `/proc`, where descriptors of this process have names.
  fileprivate var isSpecial: Bool {
    guard let directory = try? DirectoryDescriptor(opening: removingLastComponent()) else {
      return false
    }
    return directory.withDescriptor { descriptor in
      var magic: UInt64 = 0
      return unsafe adage_file_system(descriptor.rawValue, &magic) == 0 && magic == procfs
    }
  }
}
