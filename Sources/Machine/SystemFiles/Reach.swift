import CSystemCalls
import Glibc
package import SystemPackage

/// How the missing directories on the way to a path are made.
package struct MissingDirectories: Sendable {
  /// In directories that only root and the running user can change.
  package var trusted: FileAttributes
  /// Below a directory that somebody else can change.
  package var foreign: FileAttributes

  package init(trusted: FileAttributes, foreign: FileAttributes) {
    self.trusted = trusted
    self.foreign = foreign
  }
}

/// As many links as the kernel follows on the way to one file (path_resolution(7)).
private let mostLinks = 40

extension DirectoryDescriptor {
  /// Opens the directory at `path`, of which this directory is the root: a link cannot lead out.
  ///
  /// Links are followed only where nobody but root and `user` could have put them; from the first
  /// directory on that somebody else owns or may write to, a link is an error. With `making` nil, a
  /// missing directory is an error; `onMake` hears of each that is made, and in what, parents first.
  package func reach(
    _ path: FilePath, making missing: MissingDirectories? = nil, user: UInt32 = geteuid(),
    onMake: (borrowing DirectoryDescriptor, FilePath.Component) -> Void = { _, _ in }
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    let root = try status()
    var current = try passage(".")
    var status = root
    var foreign = root.isForeign(to: user)
    var links = 0
    var pending = Array(path.components.reversed())
    while let name = pending.popLast() {
      if name.kind == .currentDirectory { continue }
      if name.kind == .parentDirectory && status.isSameFile(as: root) { continue }
      switch try current.status(of: name)?.kind {
      case nil:
        guard let missing else {
          throw SystemFilesError(
            "open directory", current.path.appending(name), .noSuchFileOrDirectory)
        }
        let made = try current.directory(
          name, orMaking: foreign ? missing.foreign : missing.trusted)
        onMake(current, name)
        current = made
      case .link:
        links += 1
        guard links <= mostLinks else {
          throw SystemFilesError(
            .link, "open directory", current.path.appending(name),
            reason: "there are more than \(mostLinks) links on the way")
        }
        let target = try current.followable(name, foreign: foreign)
        if target.isAbsolute {
          current = try passage(".")
          foreign = root.isForeign(to: user)
        }
        pending += target.components.reversed()
      default:
        current = try current.passage(name)
      }
      status = try current.status()
      foreign = foreign || status.isForeign(to: user)
    }
    return try current.directory(".", at: current.path)
  }

  /// The directory `name` as a place to go on from, which takes no permission to read it.
  private func passage(
    _ name: FilePath.Component
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    try directory(
      name, at: name.kind == .currentDirectory ? path : path.appending(name),
      flags: adage_o_path | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
  }

  private func followable(
    _ name: FilePath.Component, foreign: Bool
  ) throws(SystemFilesError) -> FilePath {
    guard !foreign, let target = try linkTarget(of: name) else {
      throw SystemFilesError(
        .link, "open directory", path.appending(name),
        reason: "it is a link, which is not followed where others can make links")
    }
    return target
  }
}

extension FileStatus {
  package func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}
