import Foundation
import Plan
import SystemPackage
import TestSupport
import Testing

@testable import Jobs

@Suite struct ReportedStepsTests {
  @Test func whatARunWrites() {
    let reported = ReportedSteps(
      steps(
        """
        [{"step": "initialize", "status": "succeeded", "started": 1700000000000, "ended": 1700000001500},
         {"step": "backup", "status": "failed", "started": 1700000002000, "ended": 1700000004000,
          "reason": "restic: exit status 1", "more": {"x": [null]}}]
        """), now: 1_700_000_010)
    #expect(
      reported.steps == [
        JobState.Step("initialize", .success, milliseconds: 1500),
        JobState.Step("backup", .failure, milliseconds: 2000),
      ])
    #expect(reported.failed == "backup")
    #expect(reported.reason == "restic: exit status 1")
    #expect(reported.started == 1_700_000_000)
  }

  @Test func theFirstFailureCounts() {
    let reported = ReportedSteps(
      steps(
        """
        [{"step": "backup", "status": "killed", "started": 1, "ended": 2, "reason": "a"},
         {"step": "cleanup", "status": "failed", "started": 2, "ended": 2, "reason": "b"}]
        """), now: 3)
    #expect(reported.failed == "backup")
    #expect(reported.reason == "a")
    #expect(reported.cleanupFailed)
  }

  @Test(arguments: [
    "{}", "null", "7", "[]", "[1, null, [], {}]", #"[{"step": "backup"}]"#,
    #"[{"step": "Backup", "status": "failed", "started": 1}]"#,
    #"[{"step": "a\"} 1\n", "status": "failed", "started": 1}]"#,
    #"[{"step": "", "status": "failed", "started": 1}]"#,
    #"[{"step": "abcdefghijklmnopqrstuvwxyzabcdefg", "status": "failed", "started": 1}]"#,
    // Before the beginning, in the future, before the run.
    #"[{"step": "a", "status": "failed", "started": -1}]"#,
    #"[{"step": "a", "status": "failed", "started": 9223372036854775807}]"#,
    #"[{"step": "a", "status": "failed", "started": 2000000000}]"#,
    #"[{"step": "a", "status": "failed", "started": 90}]"#,
  ])
  func whatIsLeftOut(text: String) {
    #expect(ReportedSteps(steps(text), since: 1000, now: 1500) == ReportedSteps())
  }

  @Test func textIsCleaned() {
    let reason =
      "a\u{1b}[31m\r\n\tb \u{202e}c\u{0}\u{2028}d\u{feff}" + String(repeating: "x", count: 9000)
    let value = JSON.array([
      .object([
        ("step", .string("a")), ("status", .string("failed")), ("started", .integer(1)),
        ("ended", .integer(Int.max)), ("reason", .string(reason)),
      ])
    ])
    let reported = ReportedSteps(value, now: 3)
    let text = reported.reason ?? ""
    #expect(text.hasPrefix("a [31m b c dxxx"))
    #expect(text.hasSuffix("x…"))
    #expect(text.count == ReportedSteps.longestReason)
    #expect(reported.steps.map(\.status) == [.unfinished])
  }

  @Test func noMoreThanSoMany() {
    let one = #"{"step": "a", "status": "succeeded", "started": 1, "ended": 1}"#
    let text = "[" + Array(repeating: one, count: 1000).joined(separator: ",") + "]"
    #expect(ReportedSteps(steps(text), now: 3).steps.count == ReportedSteps.most)
  }

  @Test(arguments: ["", "x", "(((", "\u{ff}", String(repeating: "[", count: 60)])
  func notJSON(content: String) throws {
    let folder = try TemporaryDirectory()
    try folder.write("restic-backups-a/steps.json", content)
    #expect(throws: JobError(.job, "")) {
      try ReportedSteps.read(of: "restic-backups-a", in: FilePath(folder.path), now: 3)
    }
  }

  @Test func filesThatAreNotRead() throws {
    let folder = try TemporaryDirectory()
    let runtime = FilePath(folder.path)
    let read = { try ReportedSteps.read(of: "u", in: runtime, now: 3) }
    #expect(try read() == ReportedSteps())
    #expect(try ReportedSteps.read(of: "../u", in: runtime, now: 3) == ReportedSteps())
    let secret = try folder.write("secret", "[]")
    let file = folder.path("u/steps.json")
    try FileManager.default.createDirectory(
      atPath: folder.path("u"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: secret)
    #expect(throws: JobError(.system, "")) { try read() }
    try FileManager.default.removeItem(atPath: file)
    #expect(unsafe mkfifo(file, 0o600) == 0)
    #expect(throws: JobError(.system, "")) { try read() }
    try FileManager.default.removeItem(atPath: file)
    try folder.write("u/steps.json", [UInt8](repeating: 0x20, count: ReportedSteps.largest + 1))
    #expect(throws: JobError(.system, "")) { try read() }
    try folder.write(
      "u/steps.json", [UInt8](repeating: 0x20, count: ReportedSteps.largest - 2) + Array("[]".utf8))
    #expect(try read() == ReportedSteps())
  }

  /// With `DynamicUser=` the directory is a link of root's.
  @Test func aDirectoryThatIsALink() throws {
    let folder = try TemporaryDirectory()
    try folder.write(
      "private/u/steps.json", #"[{"step": "a", "status": "succeeded", "started": 1, "ended": 2}]"#)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("u"), withDestinationPath: "private/u")
    let reported = try ReportedSteps.read(of: "u", in: FilePath(folder.path), now: 3)
    #expect(reported.steps.count == 1)
  }
}
