internal import Plan
import SystemFiles
internal import SystemPackage

extension Activation {
  /// Takes away the link to the secrets, what was linked or copied elsewhere, and the memory that they are in.
  ///
  /// - Returns: the paths of what was changed by somebody since, and stays.
  package func remove() throws(ActivationError) -> [String] {
    try touchingFiles { () throws(SystemFilesError) in
      let tree = try Tree(root: root)
      let mountPoint = FilePath(plan.secretsMountPoint)
      guard let parent = try tree.existingParent(of: mountPoint),
        try parent.status(of: name(of: mountPoint))?.kind == .directory
      else { return [] }
      let lock = try FileLock(
        FilePath.Component(name(of: mountPoint).string + ".lock")!, in: parent)
      var kept: [String] = []
      let link = Record.Entry.link(path: plan.secretsDirectory, target: "")
      for record in try Record.all(in: tree.directory(at: mountPoint)).values {
        for entry in record.entries where entry.path != link.path {
          if try entry.remove(from: tree) == .isNotOurs { kept.append(entry.path) }
        }
      }
      let directory = FilePath(plan.secretsDirectory)
      if let target = try tree.linkTarget(of: directory),
        target.removingLastComponent() == mountPoint
      {
        try tree.existingParent(of: directory)?.remove(name(of: directory))
      }
      try empty(mountPoint, in: parent)
      try parent.remove(FilePath.Component(name(of: mountPoint).string + ".lock")!)
      lock.release()
      return kept.sorted()
    }
  }

  private func empty(
    _ path: FilePath, in parent: borrowing DirectoryDescriptor
  ) throws(SystemFilesError) {
    do {
      let directory = try parent.directory(name(of: path))
      for entry in try directory.entries() { try directory.removeTree(entry) }
    }
    let isMount = try parent.directory(name(of: path)).isMountPoint()
    if isMount { try unmount(parent.path.appending(name(of: path)), lazily: true) }
    try parent.removeEmptyDirectory(name(of: path))
  }
}
