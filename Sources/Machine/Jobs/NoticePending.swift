internal import SystemFiles
package import SystemPackage

/// The notices that wait until their user has a desktop, in a directory that is the user's.
///
/// Only the user's own processes use it.
package struct PendingNotices: Sendable {
  private let path: FilePath

  /// So many are kept; the earliest go.
  static let most = 20

  /// - Parameter user: the name of this process's user.
  package init(of user: String, in notices: FilePath) {
    path = FilePath.Component(user).map { notices.appending($0) } ?? notices
  }

  /// Keeps a notice, in place of an earlier one about the same.
  package func add(_ notice: DesktopNotice) throws(JobError) {
    do throws(SystemFilesError) {
      let directory = try DirectoryDescriptor(opening: path, followingLinks: false)
      let file = try StagedFile(
        replacing: Self.name(of: notice), in: directory, .exactly(FileAttributes(mode: 0o600)))
      try file.write(Array(notice.json().utf8))
      try file.commit()
      let names = try Self.names(in: directory)
      for name in names.dropLast(Self.most) { try directory.remove(name) }
    } catch {
      throw JobError(.system, "keep a notice: \(error)")
    }
  }

  /// The notices that wait, the earliest first. What cannot be read as one is passed over.
  package func all() throws(JobError) -> [DesktopNotice] {
    do throws(SystemFilesError) {
      let directory = try DirectoryDescriptor(opening: path, followingLinks: false)
      var notices: [DesktopNotice] = []
      for name in try Self.names(in: directory).suffix(Self.most) {
        guard
          let bytes = try? OpenFile.reading(name, in: directory)
            .contents(limit: DesktopNotice.largest), let notice = try? DesktopNotice(json: bytes)
        else { continue }
        notices.append(notice)
      }
      return notices
    } catch {
      if error.code == .notFound { return [] }
      throw JobError(.system, "read notices: \(error)")
    }
  }

  /// Removes a notice that was shown, unless a later one took its place.
  package func remove(_ notice: DesktopNotice) throws(JobError) {
    do throws(SystemFilesError) {
      let directory = try DirectoryDescriptor(opening: path, followingLinks: false)
      let name = Self.name(of: notice)
      let bytes = try OpenFile.reading(name, in: directory).contents(limit: DesktopNotice.largest)
      if (try? DesktopNotice(json: bytes)) == notice { try directory.remove(name) }
    } catch {
      if error.code == .notFound { return }
      throw JobError(.system, "remove a notice: \(error)")
    }
  }

  /// The names of notices, the earliest written first.
  private static func names(
    in directory: borrowing DirectoryDescriptor
  ) throws(SystemFilesError) -> [FilePath.Component] {
    var found: [(name: FilePath.Component, time: Int64)] = []
    for name in try directory.entries() where name.extension == "json" {
      if let status = try directory.status(of: name), status.kind == .regular {
        found.append((name, status.modified))
      }
    }
    return found.sorted { ($0.time, $0.name.string) < ($1.time, $1.name.string) }.map(\.name)
  }

  private static func name(of notice: DesktopNotice) -> FilePath.Component {
    let bytes = notice.key.utf8.prefix(200).map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }
    return FilePath.Component("\(String(decoding: bytes, as: UTF8.self)).json") ?? "notice.json"
  }
}
