import Foundation
import Plan
import SystemPackage
import TestSupport
import Testing

@testable import Jobs

/// Places below a temporary directory, with jobs that are set up.
struct Machine {
  let folder: TemporaryDirectory
  let store: StateStore

  init(jobs: [String: String] = [:]) throws {
    folder = try TemporaryDirectory()
    store = StateStore(StatePlaces(below: FilePath(folder.path)))
    for (name, text) in jobs { try folder.write("etc/adage/current/jobs/\(name).json", text) }
  }
}

@Suite struct TimeTests {
  @Test(
    arguments: [
      ("36h", 129_600), ("2d", 172_800), ("1w", 604_800), ("5 min", 300), ("7m", 420), ("1s", 1),
      ("0d", nil), ("2", nil), ("d", nil), ("", nil), ("-1d", nil), ("1y", nil),
      ("1234567890d", nil),
      ("2d 3h", nil),
    ] as [(String, Int?)])
  func lengths(text: String, seconds: Int?) { #expect(Time.length(text) == seconds) }

  @Test(
    arguments: [
      ("3h 37min 17.558646s", 13037), ("1w 2d", 777_600), ("500ms", 0), ("1month", 2_629_800),
      ("0", nil), ("infinity", nil), ("", nil),
    ] as [(String, Int?)])
  func printedLengths(text: String, seconds: Int?) { #expect(Time.printedLength(text) == seconds) }

  @Test(
    arguments: [
      ("Sun 2026-11-29 01:31:07 UTC", 1_795_915_867), ("Thu 1970-01-01 00:00:01 UTC", 1),
      ("Sun 2026-11-29 10:31:07 JST", nil), ("", nil), ("n/a", nil),
    ] as [(String, Int?)])
  func printedPoints(text: String, seconds: Int?) { #expect(Time.printedPoint(text) == seconds) }

  @Test(arguments: [
    (0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7200, "2 h"), (180_000, "2 d 2 h"), (-5, "0 s"),
    (86_401, "1 d"),
  ])
  func lengthTexts(seconds: Int, text: String) { #expect(Time.lengthText(seconds) == text) }
}

@Suite struct StateTests {
  private let failed = ServiceEnding(
    result: "exit-code", code: "exited", status: "1", invocation: "a")

  @Test func textAndBack() throws {
    var state = JobState(name: "a\"b", firstSeen: 5)
    #expect(try JobState(json: Array(state.json().utf8)) == state)
    _ = state.begin(JobState.Run(invocation: "i", started: 10))
    #expect(try JobState(json: Array(state.json().utf8)) == state)
    _ = state.end(
      failed, ReportedSteps(steps("[{\"step\":\"backup\",\"started\":10}]"), now: 20),
      missing: nil, now: 20)
    state.staleSince = 3
    #expect(try JobState(json: Array(state.json().utf8)) == state)
  }

  @Test(arguments: ["", "{}", "[]", "{\"version\": 2, \"name\": \"a\", \"firstSeen\": 1}"])
  func notAState(text: String) {
    #expect(throws: JobError(.job, "")) { try JobState(json: Array(text.utf8)) }
  }

  @Test func aRunThatSucceeds() {
    var state = JobState(name: "a", firstSeen: 1)
    #expect(state.begin(JobState.Run(invocation: "i", started: 10)) == nil)
    #expect(state.running?.started == 10)
    let end = ServiceEnding(result: "success", code: "exited", status: "0", invocation: "i")
    let isNews = state.end(end, ReportedSteps(), missing: nil, now: 15)
    #expect(isNews)
    #expect(state.result == .success)
    #expect(state.lastSuccess == 15)
    #expect(state.duration == 5)
    #expect(state.running == nil)
    let isNewsAgain = state.end(end, ReportedSteps(), missing: nil, now: 16)
    #expect(!isNewsAgain)
    #expect(state.lastSuccess == 15)
  }

  @Test func failuresAreCountedUntilASuccess() {
    var state = JobState(name: "a", firstSeen: 1)
    for run in ["a", "b", "c"] {
      var ending = failed
      ending.invocation = run
      let isNews = state.end(ending, ReportedSteps(), missing: nil, now: 9)
      #expect(isNews)
    }
    #expect(state.consecutiveFailures == 3)
    #expect(state.reason == "exit status 1")
    #expect(state.step == nil)
    let end = ServiceEnding(result: "success", code: "exited", status: "0", invocation: "d")
    _ = state.end(end, ReportedSteps(), missing: nil, now: 10)
    #expect(state.consecutiveFailures == 0)
    #expect(state.reason == nil)
  }

  /// The machine went down in the middle of a run.
  @Test func aRunWhoseEndNobodySaw() {
    var state = JobState(name: "a", firstSeen: 1)
    _ = state.begin(JobState.Run(invocation: "i", started: 10))
    let lost = state.begin(JobState.Run(invocation: "j", started: 20))
    #expect(lost?.started == 10)
    #expect(state.result == .failure)
    #expect(state.consecutiveFailures == 1)
    #expect(state.reason?.contains("never ended") == true)
  }

  /// `OnFailure=` says of each failure what `ExecStopPost=` reported; once more, that something else failed.
  @Test func echoes() {
    var state = JobState(name: "a", firstSeen: 1)
    _ = state.end(failed, ReportedSteps(), missing: nil, now: 9)
    let monitor = [
      "MONITOR_UNIT": "u.service", "MONITOR_SERVICE_RESULT": "exit-code",
      "MONITOR_INVOCATION_ID": "a",
    ]
    let echo = ServiceEnding(monitorOf: "u.service", environment: monitor)!
    #expect(ServiceEnding(monitorOf: "v.service", environment: monitor) == nil)
    let first = state.end(echo, ReportedSteps(), missing: nil, now: 10)
    #expect(!first)
    #expect(state.consecutiveFailures == 1)
    let second = state.end(echo, ReportedSteps(), missing: nil, now: 11)
    #expect(second)
    #expect(state.consecutiveFailures == 2)
    #expect(state.reason == "it was not started, because a unit that it needs failed")
  }

  /// A command after the report fails the unit.
  @Test func successThatBecomesAFailure() {
    var state = JobState(name: "a", firstSeen: 1)
    let end = ServiceEnding(result: "success", code: "exited", status: "0", invocation: "a")
    _ = state.end(end, ReportedSteps(), missing: nil, now: 9)
    let later = ServiceEnding(result: "exit-code", invocation: "a")
    let isNews = state.end(later, ReportedSteps(), missing: nil, now: 10)
    #expect(isNews)
    #expect(state.result == .failure)
    #expect(state.lastSuccess == 9)
  }

  @Test func skippedRunsChangeNothing() {
    var state = JobState(name: "a", firstSeen: 1)
    _ = state.begin(JobState.Run(invocation: "i", started: 10))
    let isNews = state.end(
      ServiceEnding(result: "exec-condition", invocation: "i"), ReportedSteps(), missing: nil,
      now: 9)
    #expect(!isNews)
    #expect(state.result == nil)
    #expect(state.running == nil)
  }

  @Test func aCleanupThatFails() {
    var state = JobState(name: "a", firstSeen: 1)
    let end = ServiceEnding(result: "success", code: "exited", status: "0", invocation: "a")
    let reported = ReportedSteps(
      steps(
        """
        [{"step": "backup", "status": "succeeded", "started": 1, "ended": 2},
         {"step": "cleanup", "status": "failed", "started": 1, "ended": 2, "reason": "no"}]
        """), now: 9)
    _ = state.end(end, reported, missing: nil, now: 9)
    #expect(state.result == .failure)
    #expect(state.step == "cleanup")
    #expect(state.reason == "no")
  }

  @Test(arguments: [
    (
      ServiceEnding(result: "timeout", code: "killed", status: "TERM"),
      "longer than its unit allows"
    ),
    (ServiceEnding(result: "signal", code: "killed", status: "KILL"), "signal KILL"),
    (
      ServiceEnding(result: "core-dump", code: "dumped", status: "SEGV"), "crashed with signal SEGV"
    ),
    (ServiceEnding(result: "oom-kill", code: "killed", status: "KILL"), "memory ran out"),
    (ServiceEnding(result: "exit-code"), "a command of its unit failed"),
    (ServiceEnding(result: "resources"), "systemd could not start it"),
    (ServiceEnding(result: "new\u{1b}[31m"), "systemd says new [31m"),
  ])
  func reasons(ending: ServiceEnding, part: String) {
    #expect(ending.reason.contains(part))
    #expect(!ending.isSuccess)
  }

  /// What the job says of the step that was under way is no reason for being killed.
  @Test func theStepThatWasUnderWay() {
    let reported = ReportedSteps(
      steps(#"[{"step": "backup", "started": 1, "reason": "all is well"}]"#), now: 9)
    let ending = ServiceEnding(result: "timeout", code: "killed", status: "TERM")
    let failure = ending.failure(reported, missing: "x")
    #expect(failure.step == "backup")
    #expect(failure.reason == ending.reason)
  }

  @Test func aMissingFileIsTheReasonWithoutAStep() {
    let failure = ServiceEnding(result: "resources").failure(
      ReportedSteps(), missing: "x is not there")
    #expect(failure.step == "start")
    #expect(failure.reason == "x is not there")
  }
}

func steps(_ text: String) -> JSON { try! JSON(parsing: Array(text.utf8), limit: 1 << 20) }
