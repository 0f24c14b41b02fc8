import CSystemCalls
import Glibc
internal import SystemPackage

/// Many files that are replaced all or none.
///
/// Everything is written beside its target first. `commit` brings each file system to the disk once
/// (`syncfs`, where a thousand `fsync` would each wait for the disk), renames everything, and then
/// synchronises the directories. Up to the first rename any failure leaves every target as it was;
/// a crash between two renames leaves each file whole, old or new.
package struct ReplacementBatch: ~Copyable {
  private struct Entry {
    let directory: Int
    let temporary: FilePath.Component
    let name: FilePath.Component
  }

  private struct Directory {
    let raw: Int32
    let path: FilePath
    let status: FileStatus
  }

  private var entries: [Entry] = []
  private var directories: [Directory] = []
  private var indexes: [[UInt64]: Int] = [:]

  package init() {}

  deinit {
    for entry in entries { remove(entry) }
    for directory in directories { _ = close(directory.raw) }
  }

  /// How many files are to be replaced.
  package var count: Int { entries.count }

  /// Takes over a file that is completely written.
  package mutating func add(_ file: consuming StagedFile) throws(SystemFilesError) {
    try file.finish(synchronizing: false)
    let directory = try index(of: file.directory)
    let name = file.name
    entries.append(Entry(directory: directory, temporary: file.handOver(), name: name))
  }

  private mutating func index(
    of directory: borrowing DirectoryDescriptor
  ) throws(SystemFilesError) -> Int {
    let status = try directory.status()
    let key = [status.device, status.inode]
    if let known = indexes[key] { return known }
    let raw = directory.raw
    let copy = try call("open directory", directory.path) { fcntl(raw, F_DUPFD_CLOEXEC, 3) }
    directories.append(Directory(raw: copy, path: directory.path, status: status))
    indexes[key] = directories.count - 1
    return directories.count - 1
  }

  /// Replaces every target. An error with the code `partlyReplaced` says how many were, every
  /// other means that none was.
  package consuming func commit() throws(SystemFilesError) {
    var devices: Set<UInt64> = []
    for directory in directories where devices.insert(directory.status.device).inserted {
      try call("synchronize", directory.path) { adage_syncfs(directory.raw) }
    }
    for (done, entry) in entries.enumerated() {
      do {
        try rename(entry)
      } catch {
        for rest in entries[done...] { remove(rest) }
        let total = entries.count
        entries = []
        if done == 0 { throw error }
        throw SystemFilesError(
          .partlyReplaced, error.operation, FilePath(error.path),
          reason: "\(error.cause); \(done) of \(total) files had been replaced", errno: error.errno)
      }
    }
    let total = entries.count
    entries = []
    for directory in directories {
      do {
        try call("synchronize", directory.path) { fsync(directory.raw) }
      } catch {
        throw SystemFilesError(
          .partlyReplaced, error.operation, directory.path,
          reason: "\(error.cause); all \(total) files had been replaced", errno: error.errno)
      }
    }
  }

  /// Removes all that was staged.
  package consuming func discard() {}

  private func rename(_ entry: Entry) throws(SystemFilesError) {
    let directory = directories[entry.directory]
    try call("replace", directory.path.appending(entry.name)) {
      unsafe entry.temporary.withPlatformString { from in
        unsafe entry.name.withPlatformString {
          unsafe renameat(directory.raw, from, directory.raw, $0)
        }
      }
    }
  }

  private func remove(_ entry: Entry) {
    _ = unsafe entry.temporary.withPlatformString {
      unsafe unlinkat(directories[entry.directory].raw, $0, 0)
    }
  }
}
