import Glibc
package import SecretMemory
import SystemFiles
package import SystemPackage

/// A directory in memory, mode 0700, in which an editor finds clear text.
///
/// It lies on a tmpfs or ramfs, never on a disk, and is wiped and removed by `clean`, which another process
/// can call, too, where this one was killed.
package struct MemoryDirectory: ~Copyable {
  private let directory: DirectoryDescriptor

  package var path: FilePath { directory.path }

  private static let prefix = "adage-edit-"

  /// Makes the directory in the first of the `candidates` that lies in memory and may be written.
  package init(in candidates: [FilePath]) throws(EditingError) {
    var reasons: [String] = []
    for candidate in candidates {
      do throws(SystemFilesError) {
        let parent = try DirectoryDescriptor(opening: candidate)
        guard try parent.fileSystemKind() != .other else {
          reasons.append("\(candidate) is not in memory")
          continue
        }
        guard try parent.status().keepsNames(for: geteuid()) else {
          reasons.append("\(candidate) belongs to somebody else")
          continue
        }
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let name = FilePath.Component(Self.prefix + suffix)!
        directory = try parent.makeDirectory(name, FileAttributes(mode: 0o700))
        return
      } catch {
        reasons.append(error.description)
      }
    }
    throw EditingError(
      .noMemoryDirectory,
      "make a directory in memory for the editor: " + reasons.joined(separator: "; "),
      hint: "mount a tmpfs on /dev/shm, or set XDG_RUNTIME_DIR to a directory on one")
  }

  /// Where clear text may lie for an editor: the user's runtime directory, then shared memory.
  package static func candidates(runtimeDirectory: String?) -> [FilePath] {
    let runtime = runtimeDirectory.flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
    return [runtime, "/dev/shm"].compactMap { $0 }
  }

  /// Writes a file, mode 0600, where nothing is.
  package func write(
    _ clearText: borrowing SecretBytes, to file: FilePath.Component
  ) throws(EditingError) {
    do throws(SystemFilesError) {
      let file = try OpenFile.creating(file, in: directory)
      try clearText.withSpan { bytes throws(SystemFilesError) in
        unsafe try file.write(bytes.bytes)
      }
      try file.close()
    } catch {
      throw EditingError(error)
    }
  }

  /// Reads a file that an editor left.
  ///
  /// - Returns: nil if there is none.
  package func read(_ file: FilePath.Component) throws(EditingError) -> SecretBytes? {
    let opened: OpenFile
    do throws(SystemFilesError) {
      guard try directory.status(of: file) != nil else { return nil }
      opened = try OpenFile.reading(file, in: directory)
    } catch {
      throw EditingError(error)
    }
    return try opened.withDescriptor { descriptor throws(EditingError) in
      try SecretBytes.reading(descriptor)
    }
  }

  /// Wipes every file and removes the directory with all that is in it.
  ///
  /// - Parameter path: the directory's path; nothing happens unless it is one that this type made
  ///   for the user who calls, and lies in memory.
  package static func clean(_ path: FilePath) {
    guard let name = path.lastComponent, name.string.hasPrefix(prefix),
      let parent = try? DirectoryDescriptor(opening: path.removingLastComponent()),
      let directory = try? parent.directory(name),
      let status = try? directory.status(), status.owner == geteuid(),
      let kind = try? directory.fileSystemKind(), kind != .other
    else { return }
    try? wipe(directory)
    try? parent.removeTree(name)
  }

  /// Overwrites the content of the regular files in a directory, so that no page that goes back to
  /// the system holds any of it.
  private static func wipe(_ directory: borrowing DirectoryDescriptor) throws(SystemFilesError) {
    for entry in try directory.entries() {
      guard let status = try? directory.status(of: entry) else { continue }
      // What cannot be wiped, such as a file that an editor made read-only, keeps nothing else from it.
      switch status.kind {
      case .directory:
        if let inner = try? directory.directory(entry) { try? wipe(inner) }
      case .regular:
        try? directory.wipe(entry)
      default:
        continue
      }
    }
  }
}

extension FileStatus {
  /// Whether nobody else than root can rename or remove what `user` makes in this directory.
  fileprivate func keepsNames(for user: UInt32) -> Bool {
    !isForeign(to: user) || (owner == 0 && mode & 0o1000 != 0)
  }
}
