import Foundation
import Plan
import TestSupport
import Testing

@testable import Jobs

/// Backups of what a command writes, by a restic that cannot run it itself.
@Suite struct CommandBackupTests {
  private func fixture() throws -> JobFixture {
    let fixture = try JobFixture()
    _ = try fixture.job { $0.source = PlannedJob.Source(command: ["x"]) }
    return fixture
  }

  @Test func theOutputIsSaved() async throws {
    let fixture = try fixture()
    let finished = try await fixture.run(
      "x", "::backup", "--stdin-filename", "out", "::command", "printf", "a b\\n%s", "::prune")
    #expect(finished.status == 0, "\(finished.error)")
    #expect(try await fixture.restic("dump", "latest", "out") == "a b\n::prune")
  }

  @Test(arguments: ["exit 3", "kill -9 $$"])
  func nothingIsSavedIfTheCommandFails(end: String) async throws {
    let fixture = try fixture()
    let finished = try await fixture.run(
      "x", "::backup", "::command", "sh", "-c", "echo part; echo why >&2; \(end)")
    #expect(finished.status == (end == "exit 3" ? 3 : 137))
    #expect(finished.error.contains("backup: sh: "))
    #expect(finished.error.contains(": why\n"))
    #expect(try await fixture.snapshots() == 0)
    #expect(try await fixture.restic("list", "locks") == "")
  }

  @Test func aCommandThatIsNotThere() async throws {
    let fixture = try fixture()
    let finished = try await fixture.run("x", "::backup", "::command", "/nonexistent/x")
    #expect(finished.status == 1)
    #expect(finished.error.contains("backup: run /nonexistent/x: no such file or directory"))
    #expect(try await fixture.snapshots() == 0)
  }

  @Test func theReasonIsRestics() async throws {
    let fixture = try fixture()
    let finished = try await fixture.run(
      "x", "::backup", "--no-such-flag", "::command", "sh", "-c", "while echo x; do :; done")
    #expect(finished.status == 1)
    #expect(finished.error.contains("backup: restic backup: exit status 1: "))
  }
}

/// Signals and locks.
@Suite struct InterruptionTests {
  @Test func aSignalEndsTheRunAndIsRecorded() async throws {
    let fixture = try JobFixture()
    let prepare = try fixture.script("prepare", "kill -TERM $PPID; exec sleep 60\n")
    _ = try fixture.job { $0.prepareCommand = prepare }
    let finished = try await fixture.run("x", "::backup")
    #expect(finished.status == 128 + 15)
    #expect(fixture.steps == ["secrets succeeded", "prepare killed"])
    #expect(finished.error.contains("prepare: interrupted by signal 15"))
  }

  @Test func aRunThatWasKilledSaysWhere() async throws {
    let fixture = try JobFixture()
    let prepare = try fixture.script("prepare", "kill -KILL $PPID\n")
    _ = try fixture.job { $0.prepareCommand = prepare }
    #expect(try await fixture.run("x", "::backup").status == 128 + 9)
    #expect(fixture.steps == ["secrets succeeded", "prepare running"])
  }

  @Test func aStaleLockIsRemoved() async throws {
    let fixture = try JobFixture()
    _ = try fixture.job()
    #expect(try await fixture.run("x", "::backup").status == 0)
    // restic is killed while it holds its lock.
    _ = try await TestSupport.run(
      "sh",
      [
        "-c",
        "{ echo x; kill -9 $(pgrep -f 'tag of-\(fixture.path("run"))'); sleep 1; } | restic backup --stdin --tag of-\(fixture.path("run"))",
      ],
      environment: fixture.environment)
    let finished = try await fixture.run("x", "::backup", "::check")
    #expect(finished.status == 0, "\(finished.error)")
    #expect(try await fixture.restic("list", "locks") == "")
  }
}

@Suite struct ResticTests {
  /// What restic 0.14 says of each kind of storage, and of what else goes wrong there.
  @Test(arguments: [
    ("unable to open config file: stat /r/config: no such file or directory", true),
    ("unable to open config file: <config/> does not exist", true),
    ("unable to open config file: Stat: The specified key does not exist.", true),
    ("unable to open config file: Stat: b2_download_file_by_name: 404: no file none/config", true),
    ("unable to open repository at b2:x:none: Bucket: x: bucket not found", true),
    ("wrong password or no key found", false),
    ("unable to open config file: unexpected HTTP response (401): 401 Unauthorized", false),
    (
      "unable to open config file: client.Head: Head \"http://u:***@h/config\": dial tcp 127.0.0.1:8009: connect: connection refused",
      false
    ),
    ("unable to open config file: stat /r/config: permission denied", false),
    (
      "unable to open repository at b2:x:y: b2.NewClient: b2_authorize_account: 401: invalid application key",
      false
    ),
    ("unable to open repository at /r: ReadDir: open /r/keys: permission denied", false),
    ("unable to open repository at sftp:h:/x: unable to start the sftp session, error: EOF", false),
  ])
  func whetherARepositoryIsMissing(reason: String, isMissing: Bool) {
    let old = RepositoryState(status: 1, reason: reason, version: ResticVersion(0, 14))
    #expect(old == (isMissing ? .missing : .unknown))
    let new = RepositoryState(status: 1, reason: reason, version: ResticVersion(0, 17))
    #expect(new == .unknown)
    #expect(RepositoryState.isMissing("Fatal: \(reason)") == isMissing)
  }

  @Test func exitStatuses() {
    #expect(RepositoryState(status: 0, reason: nil, version: nil) == .there)
    #expect(RepositoryState(status: 10, reason: nil, version: ResticVersion(0, 18)) == .missing)
    #expect(RepositoryState(status: 10, reason: nil, version: nil) == .missing)
    #expect(RepositoryState(status: 12, reason: nil, version: ResticVersion(1, 0)) == .unknown)
  }

  @Test func whatRestic17SaysOfAMissingRepository() {
    let line =
      "Fatal: repository does not exist: unable to open config file: stat /r/config: no such file or directory"
    #expect(RepositoryState.isMissing(line))
    #expect(!RepositoryState.isMissing("Fatal: wrong password or no key found"))
  }

  @Test func versions() {
    #expect(
      ResticVersion("restic 0.14.0 compiled with go1.19.8 on linux/amd64\n")
        == ResticVersion(0, 14))
    #expect(ResticVersion("restic 0.18.1-dev (v0.18) x") == ResticVersion(0, 18))
    #expect(ResticVersion("other 1.2") == nil)
    #expect(ResticVersion(0, 9) < ResticVersion(0, 17))
  }

  @Test func linesOfErrors() {
    var lines = ErrorLines(hiding: ["b2:secret", ""])
    #expect(lines.take("at b2:sec".utf8) == [])
    let shown = lines.take(
      "ret:x\nIs there a repository at the following location?\nb2:***\nmore".utf8)
    #expect(
      String(decoding: shown, as: UTF8.self)
        == "at (not shown):x\nIs there a repository at the following location?\n(not shown)\n")
    #expect(String(decoding: lines.finish(), as: UTF8.self) == "more\n")
    #expect(lines.reason == "more")
    var fatal = ErrorLines()
    _ = fatal.take("Fatal: it  broke\nsome advice\n\n".utf8)
    #expect(fatal.reason == "it broke")
    var endless = ErrorLines()
    #expect(endless.take([UInt8](repeating: 0x61, count: 10_000)).count == 8194)
  }

  @Test func sections() throws {
    let words = ["::option", "a", "::option", "b", "c", "::backup", "d", "::prune", "e", "::check"]
    let sections = try JobSections(words + ["::command", "f", "::check"])
    #expect(sections.options == [["a"], ["b", "c"]])
    #expect(sections.backup == ["d"])
    #expect(sections.prune == ["e"])
    #expect(sections.check == [])
    #expect(sections.command == ["f", "::check"])
    #expect(try JobSections([]).prune == nil)
    #expect(throws: JobError(.job, "")) { try JobSections(["a"]) }
  }
}
