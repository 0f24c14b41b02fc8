import ArgumentParser
import Glibc
import Jobs
import SystemFiles
import SystemPackage

/// `adage notices`: shows what a backup job had to say while its user had no desktop.
struct NoticesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices",
    abstract: "Show what a backup job had to say while nobody was logged in.",
    discussion: """
      Waits for some minutes until a notification daemon is there, shows this user's notices and \
      removes them. adage-notices.service of each user's own systemd runs it at login.
      """)

  @Flag(help: ArgumentHelp("Show the notice on standard input or keep it.", visibility: .hidden))
  var deliver = false

  @Option(help: ArgumentHelp("Wait so long for a notification daemon.", valueName: "seconds"))
  var wait = 300

  func run() async throws {
    guard let user = try Accounts.user(withID: geteuid()) else {
      throw CommandFailure("find this user: the system has no account with its number")
    }
    let pending = PendingNotices(of: user.name, in: StatePlaces().notices)
    if deliver {
      try receive(pending)
    } else {
      try showAll(pending)
    }
  }

  /// Shows the notice at once or, if that cannot be, keeps it and wakes the service that waits for a desktop.
  private func receive(_ pending: PendingNotices) throws {
    let bytes = try FileDescriptor.standardInput.readToEnd(limit: DesktopNotice.largest)
    let notice = try DesktopNotice(json: bytes)
    do throws(JobError) {
      var bus = try MessageBus.connected(environment: ProcessContext.variables())
      try bus.show(notice)
      return
    } catch {
      try pending.add(notice)
    }
    // The user may be logged in without a daemon for a moment; without a manager there is nobody to ask.
    become(
      "/bin/sh",
      ["-c", "systemctl --user --no-block start adage-notices.service >/dev/null 2>&1 || :"])
  }

  /// `execv`: this process goes on as another program, if there is that.
  private func become(_ program: String, _ arguments: [String]) {
    var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    _ = unsafe execv(program, &words)
  }

  private func showAll(_ pending: PendingNotices) throws {
    if try pending.all().isEmpty { return }
    guard let environment = try daemon() else { return }
    var bus = try MessageBus.connected(environment: environment)
    for notice in try pending.all() {
      try bus.show(notice)
      try pending.remove(notice)
    }
  }

  /// Waits for a notification daemon.
  ///
  /// - Returns: this process's environment; nil if none came, and none can be started.
  private func daemon() throws -> [String: String]? {
    let variables = ProcessContext.variables()
    let end = Time.now() + max(0, wait)
    while true {
      if let isThere = try? Self.hasDaemon(variables), isThere { return variables }
      if Time.now() >= end { return nil }
      sleep(1)
    }
  }

  private static func hasDaemon(_ variables: [String: String]) throws -> Bool {
    var bus = try MessageBus.connected(environment: variables)
    return try bus.hasNotificationDaemon()
  }
}

extension FileDescriptor {
  /// What there is to read.
  ///
  /// - Throws: `CommandFailure` if it is more than `limit` bytes.
  fileprivate func readToEnd(limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      var part = [UInt8](repeating: 0, count: 1 << 14)
      let count = try unsafe part.withUnsafeMutableBytes { try unsafe read(into: $0) }
      if count == 0 { return bytes }
      bytes += part[..<count]
      if bytes.count > limit { throw CommandFailure("read standard input: it is too large") }
    }
  }
}
