import Foundation
import Plan
import SystemFiles
import SystemPackage
import TestSupport
import Testing

@testable import Jobs

private let notice = JobNotice(
  .failure, job: "daily", step: "backup", reason: "it <b>failed</b> & \"ended\"",
  lines: ["one", "two <i>"], time: 1_700_000_000, count: 3)

@Suite struct DesktopNoticeTests {
  @Test func whatItSays() throws {
    let shown = DesktopNotice(notice, host: "server")
    #expect(shown.title == "Backup failed: daily on server")
    #expect(
      shown.body.hasSuffix(
        """
         (3 times in a row): backup: it &lt;b&gt;failed&lt;/b&gt; &amp; "ended"

        one
        two &lt;i&gt;
        """))
    #expect(try DesktopNotice(json: Array(shown.json().utf8)) == shown)
    #expect(throws: JobError(.job, "")) { try DesktopNotice(json: Array("{}".utf8)) }
  }

  @Test func theEnvironmentIsTheUsersAlone() {
    let user = UserAccount(
      name: "alice", id: 1234, groupID: 5, group: "g", home: "/home/alice", shell: "/bin/sh")
    let environment = DesktopNotice.environment(of: user)
    #expect(environment["XDG_RUNTIME_DIR"] == "/run/user/1234")
    #expect(environment["DBUS_SESSION_BUS_ADDRESS"] == "unix:path=/run/user/1234/bus")
    #expect(
      Set(environment.keys) == [
        "PATH", "LC_ALL", "HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
      ])
  }

  @Test(
    arguments: [
      (1000, "/bin/bash", "/tmp", true), (999, "/bin/bash", "/tmp", false),
      (65534, "/bin/sh", "/tmp", false), (1000, "/usr/sbin/nologin", "/tmp", false),
      (1000, "/bin/false", "/tmp", false), (1000, "/bin/sh", "/nonexistent", false),
      (60513, "/bin/zsh", "/tmp", true),
    ] as [(UInt32, String, String, Bool)])
  func people(id: UInt32, shell: String, home: String, isPerson: Bool) {
    let user = UserAccount(name: "u", id: id, groupID: 1, group: nil, home: home, shell: shell)
    #expect(Recipients.isPerson(user) == isPerson)
  }

  @Test func unknownUsersAreAWarning() {
    let recipients = Recipients(["root", "no-such-user\u{1b}"])
    #expect(recipients.users.map(\.name) == ["root"])
    #expect(recipients.warnings == ["there is no user no-such-user"])
  }
}

@Suite struct PendingNoticesTests {
  private let folder: TemporaryDirectory
  private let pending: PendingNotices

  init() throws {
    folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: folder.path("me"), withIntermediateDirectories: false)
    pending = PendingNotices(of: "me", in: FilePath(folder.path))
  }

  private func notice(_ job: String, _ reason: String = "r") -> DesktopNotice {
    DesktopNotice(
      JobNotice(.failure, job: job, step: nil, reason: reason, lines: [], time: 1, count: 1),
      host: "h")
  }

  @Test func laterOnesReplaceEarlierOnes() throws {
    try pending.add(notice("a", "first"))
    try pending.add(notice("b"))
    try pending.add(notice("a", "second"))
    let all = try pending.all()
    #expect(all == [notice("b"), notice("a", "second")])
    let attributes = try FileManager.default.attributesOfItem(
      atPath: folder.path("me/b.failure.json"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    // What was shown is removed, but not what took its place meanwhile.
    try pending.remove(notice("a", "first"))
    #expect(try pending.all().count == 2)
    for one in all { try pending.remove(one) }
    #expect(try pending.all() == [])
  }

  @Test func noMoreThanSoMany() throws {
    for number in 1...30 { try pending.add(notice("job\(number)")) }
    let all = try pending.all()
    #expect(all == (11...30).map { notice("job\($0)") })
  }

  @Test func whatIsNoNoticeIsPassedOver() throws {
    try folder.write("me/x.json", "{}")
    try folder.write("me/y", "x")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("me/z.json"), withDestinationPath: "/etc/passwd")
    try pending.add(notice("a"))
    #expect(try pending.all() == [notice("a")])
  }

  @Test func aLinkIsNoDirectory() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("other"), withDestinationPath: folder.path("me"))
    let linked = PendingNotices(of: "other", in: FilePath(folder.path))
    #expect(throws: JobError(.system, "")) { try linked.add(notice("a")) }
    #expect(throws: JobError(.system, "")) { try linked.all() }
    #expect(try PendingNotices(of: "nobody", in: FilePath(folder.path)).all() == [])
  }
}

@Suite struct CommandNoticeTests {
  private func run(_ script: String) async throws -> (TemporaryDirectory, JobError?) {
    let folder = try TemporaryDirectory()
    let path = try folder.write("script", script.replacing("{dir}", with: folder.path))
    do throws(JobError) {
      try await CommandNotice(path: path, unit: "restic-backups-daily").run(notice)
    } catch {
      return (folder, error)
    }
    return (folder, nil)
  }

  /// It is not executable, so only its interpreter can run it.
  @Test(arguments: ["", "#!/bin/sh\n", "#! /bin/bash -e\n"])
  func environmentAndInput(first: String) async throws {
    unsafe setenv("ADAGE_TEST_SECRET", "s3cret", 1)
    let (folder, error) = try await run(first + "env > {dir}/env; cat > {dir}/input\n")
    #expect(error == nil)
    #expect(String(decoding: try folder.read("input"), as: UTF8.self) == "one\ntwo <i>\n")
    let environment = String(decoding: try folder.read("env"), as: UTF8.self)
    for line in [
      "ADAGE_JOB=daily", "ADAGE_UNIT=restic-backups-daily.service", "ADAGE_RESULT=failure",
      "ADAGE_STEP=backup", "ADAGE_REASON=it <b>failed</b> & \"ended\"",
    ] { #expect(environment.contains(line + "\n")) }
    #expect(!environment.contains("s3cret"))
  }

  @Test func itMayReadNothing() async throws {
    let (_, error) = try await run("exit 0")
    #expect(error == nil)
  }

  @Test func itMayFail() async throws {
    let (_, error) = try await run("echo no 'mail' >&2; exit 3")
    #expect(error?.reason == "exit status 3: no mail")
  }

  @Test func itMayBeMissing() async throws {
    let error = await #expect(throws: JobError.self) {
      try await CommandNotice(path: "/nonexistent/x", unit: "u").run(notice)
    }
    #expect(error == JobError(.system, ""))
  }
}
