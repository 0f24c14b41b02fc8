import Glibc
internal import Plan
import SystemFiles
internal import SystemPackage

/// What a plan is installed into: the machine's root directory, or that of an image.
///
/// The plan's paths are as seen from inside it.
final class Tree: Sendable {
  private let root: DirectoryDescriptor

  init(root: FilePath?) throws(SystemFilesError) {
    self.root = try DirectoryDescriptor(opening: root ?? "/")
  }

  /// The directory at `path`.
  func directory(
    at path: FilePath, making missing: MissingDirectories? = nil,
    onMake: (borrowing DirectoryDescriptor, FilePath.Component) -> Void = { _, _ in }
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    try root.reach(path, making: missing, onMake: onMake)
  }

  /// The directory that holds `path`; nil if it is not there.
  func existingParent(of path: FilePath) throws(SystemFilesError) -> DirectoryDescriptor? {
    do {
      return try directory(at: path.removingLastComponent())
    } catch let error where error.code == .notFound {
      return nil
    }
  }

  /// What is at `path`, a link's own status included; nil if nothing is there.
  func status(of path: FilePath) throws(SystemFilesError) -> FileStatus? {
    guard let name = path.lastComponent, let parent = try existingParent(of: path) else {
      return nil
    }
    return try parent.status(of: name)
  }

  /// Where the link at `path` leads; nil if nothing is there, or no link.
  func linkTarget(of path: FilePath) throws(SystemFilesError) -> FilePath? {
    guard let name = path.lastComponent, let parent = try existingParent(of: path),
      try parent.status(of: name)?.kind == .link
    else { return nil }
    return try parent.linkTarget(of: name)
  }
}

extension MissingDirectories {
  /// What `mkdir -p` makes; below a directory of somebody else's, for the owner of what comes there.
  static func leading(to owner: Ownership) -> MissingDirectories {
    MissingDirectories(
      trusted: FileAttributes(mode: 0o755),
      foreign: FileAttributes(mode: 0o755, owner: owner.owner, group: owner.group))
  }

  /// The directories that lead to the secrets.
  static let ours = MissingDirectories(
    trusted: FileAttributes(mode: 0o755), foreign: FileAttributes(mode: 0o755))
}

/// The last component of a path that was validated to have one.
func name(of path: FilePath) -> FilePath.Component { path.lastComponent! }
