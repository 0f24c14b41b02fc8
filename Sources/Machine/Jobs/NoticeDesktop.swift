internal import Plan
internal import Programs
internal import SystemFiles
internal import SystemPackage

/// A notice as a desktop shows it (the Desktop Notifications Specification).
package struct DesktopNotice: Sendable, Equatable {
  /// The job's name and what kind of notice it is: a later one replaces it while it waits.
  package let key: String
  package let title: String
  /// With the markup that notification daemons may understand: everything else is escaped.
  package let body: String
  package let time: Int

  /// The most bytes that one has as JSON.
  package static let largest = 1 << 16

  package init(_ notice: JobNotice, host: String) {
    key = "\(notice.job).\(notice.kind.rawValue)"
    title =
      switch notice.kind {
      case .failure: "Backup failed: \(notice.job) on \(host)"
      case .overdue: "Backup overdue: \(notice.job) on \(host)"
      }
    let times = notice.count > 1 ? " (\(notice.count) times in a row)" : ""
    let head = "\(Time.text(notice.time))\(times): \(notice.reasonWithStep)"
    let lines = [head] + (notice.lines.isEmpty ? [] : [""] + notice.lines)
    body = lines.map(Self.escaped).joined(separator: "\n")
    time = notice.time
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  package func json() -> String {
    JSON.object([
      ("key", .string(key)), ("title", .string(title)), ("body", .string(body)),
      ("time", .integer(time)),
    ]).text() + "\n"
  }

  package init(json bytes: [UInt8]) throws(JobError) {
    guard let value = try? JSON(parsing: bytes, limit: Self.largest),
      let key = value["key"]?.string, let title = value["title"]?.string,
      let body = value["body"]?.string, let time = value["time"]?.integer
    else { throw JobError(.job, "read a notice: it is not as it should be") }
    self.key = key
    self.title = title
    self.body = body
    self.time = time
  }

  /// Shows the notice on the user's desktop or, if there is none, keeps it for the next login.
  ///
  /// Root does nothing in what the user owns: a process with the user's rights does it. What it is told is its input,
  /// since others can read arguments.
  func deliver(to user: UserAccount, waitingIn notices: FilePath) async throws(JobError) {
    do throws(SystemFilesError) {
      try Self.makeDirectory(of: user, in: notices)
    } catch {
      throw JobError(.system, "\(error)")
    }
    let account = Program.Account(user: user.id, group: user.groupID, groups: [user.groupID])
    let program = Program(
      Program.ownPath, ["notices", "--deliver"], environment: Self.environment(of: user),
      account: account, directory: "/")
    let output: Program.Output
    do throws(ProgramError) {
      output = try await program.output(input: Array(json().utf8), within: 45)
    } catch {
      throw JobError(.system, "\(error)")
    }
    if output.ending.isSuccess { return }
    let said = output.errors.split(separator: "\n").last.map { ": \($0)" } ?? ""
    throw JobError(.step, "\(output.ending)\(said.cleaned(limit: 200))")
  }

  static func environment(of user: UserAccount) -> [String: String] {
    let runtime = "/run/user/\(user.id)"
    return plainEnvironment.merging([
      "HOME": user.home, "USER": user.name, "LOGNAME": user.name, "XDG_RUNTIME_DIR": runtime,
      "DBUS_SESSION_BUS_ADDRESS": "unix:path=\(runtime)/bus",
    ]) { $1 }
  }

  /// The user's own directory, which nobody else looks into, in root's.
  private static func makeDirectory(
    of user: UserAccount, in notices: FilePath
  ) throws(SystemFilesError) {
    guard let name = FilePath.Component(user.name), name.kind == .regular else {
      throw SystemFilesError(
        .invalid, "make directory", notices, reason: "the user's name is no file's")
    }
    let parent = try StateStore().directory(notices)
    let own = FileAttributes(mode: 0o700, owner: user.id, group: user.groupID)
    let directory = try parent.directory(name, orMaking: own)
    let status = try directory.status()
    if status.owner != user.id || status.mode != 0o700 { try directory.setAttributes(own) }
  }
}

extension String {
  /// The beginning of the text, at most so many bytes.
  func cut(bytes: Int) -> String {
    guard utf8.count > bytes else { return self }
    var end = utf8.index(startIndex, offsetBy: bytes - 3)
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return self[..<end] + "…"
  }
}
