import Foundation
import Plan
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Jobs

/// What was said in the journal.
private final class Journal: Sendable {
  let failures = Mutex<[String]>([])
  let warnings = Mutex<[String]>([])

  var console: NoticeConsole {
    NoticeConsole(
      fail: { line in self.failures.withLock { $0.append(line) } },
      warn: { line in self.warnings.withLock { $0.append(line) } })
  }
}

private func job(
  _ name: String, maximumAge: Int? = nil, notices: PlannedJob.Notices = PlannedJob.Notices()
) -> String {
  PlannedJob(name: name, restic: "/r", maximumAge: maximumAge, notices: notices).json()
}

@Suite struct ReportTests {
  private let journal = Journal()

  private func report(
    _ machine: Machine, _ environment: [String: String], now: Int
  ) -> JobReport {
    JobReport(machine.store, environment: environment, console: journal.console, now: now)
  }

  private func ending(_ result: String, _ code: String, _ status: String, _ run: String)
    -> [String: String]
  {
    [
      "SERVICE_RESULT": result, "EXIT_CODE": code, "EXIT_STATUS": status, "INVOCATION_ID": run,
    ]
  }

  @Test func aFailureAndASuccess() async throws {
    let machine = try Machine(jobs: ["daily": job("daily")])
    try machine.folder.write(
      "run/restic-backups-daily/steps.json",
      """
      [{"step": "backup", "status": "failed", "started": 1700000001000,
        "ended": 1700000003250, "reason": "restic: exit status 1: Fatal"}]
      """)
    try await report(machine, ["INVOCATION_ID": "i"], now: 1_700_000_000).started("daily")
    #expect(machine.store.state(of: "daily")?.running?.invocation == "i")
    try await report(machine, ending("exit-code", "exited", "1", "i"), now: 1_700_000_004)
      .ended("daily")
    #expect(
      journal.failures.withLock { $0 } == [
        "restic-backups-daily failed: backup: restic: exit status 1: Fatal"
      ])
    let state = try #require(machine.store.state(of: "daily"))
    #expect(state.result == .failure)
    #expect(state.running == nil)
    #expect(state.duration == 4)
    try await report(machine, ending("success", "exited", "0", "j"), now: 1_700_000_100)
      .ended("daily")
    #expect(machine.store.state(of: "daily")?.lastSuccess == 1_700_000_100)
    for name in ["jobs/daily.json", "status.json", "status.prom"] {
      let path = machine.folder.path("var/lib/adage/\(name)")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o644)
    }
  }

  /// Steps that a run before this one left behind.
  @Test func stepsOfAnotherRun() async throws {
    let machine = try Machine(jobs: ["a": job("a")])
    try machine.folder.write(
      "run/restic-backups-a/steps.json",
      #"[{"step": "backup", "status": "failed", "started": 1600000000000, "ended": 1600000000001}]"#
    )
    try await report(machine, ["INVOCATION_ID": "i"], now: 1_700_000_000).started("a")
    try await report(machine, ending("exit-code", "exited", "7", "i"), now: 1_700_000_004)
      .ended("a")
    #expect(machine.store.state(of: "a")?.step == nil)
    #expect(machine.store.state(of: "a")?.reason == "exit status 7")
  }

  @Test func aMissingSecretIsNamed() async throws {
    let machine = try Machine()
    let planned = PlannedJob(
      name: "a", restic: "/r", environment: ["RESTIC_PASSWORD_FILE": machine.folder.path("none")])
    try machine.folder.write("etc/adage/current/jobs/a.json", planned.json())
    try await report(machine, ["SERVICE_RESULT": "resources", "INVOCATION_ID": "i"], now: 5)
      .ended("a")
    let reason = machine.store.state(of: "a")?.reason
    #expect(reason?.hasPrefix("\(machine.folder.path("none")) is not there") == true)
  }

  @Test func noticesThatFailAreWarnings() async throws {
    let notices = PlannedJob.Notices(command: "/nonexistent/x", url: "file:///etc/passwd")
    let machine = try Machine(jobs: ["a": job("a", notices: notices)])
    try await report(machine, ending("exit-code", "exited", "1", "i"), now: 5).ended("a")
    #expect(machine.store.state(of: "a")?.result == .failure)
    let warnings = journal.warnings.withLock { $0 }
    #expect(warnings.contains { $0.hasPrefix("restic-backups-a: notify.url: ") })
    #expect(warnings.contains { $0.hasPrefix("restic-backups-a: notify.command: ") })
  }

  @Test func theCommandHearsOfAFailureAlone() async throws {
    let folder = try TemporaryDirectory()
    let script = try folder.write(
      "script", "echo $ADAGE_JOB $ADAGE_RESULT >> \(folder.path("log"))")
    let notices = PlannedJob.Notices(command: script)
    let machine = try Machine(jobs: ["a": job("a", maximumAge: 60, notices: notices)])
    try await report(machine, ending("success", "exited", "0", "i"), now: 100).ended("a")
    #expect((try? folder.read("log")) == nil)
    try await report(machine, ending("signal", "killed", "KILL", "j"), now: 110).ended("a")
    let log = { String(decoding: try folder.read("log"), as: UTF8.self) }
    #expect(try log() == "a failure\n")
    // The same failure again, as OnFailure= tells it.
    let monitor = [
      "MONITOR_UNIT": "restic-backups-a.service", "MONITOR_SERVICE_RESULT": "signal",
      "MONITOR_INVOCATION_ID": "j",
    ]
    try await report(machine, monitor, now: 111).ended("a")
    #expect(try log() == "a failure\n")
    // Once for each time that it becomes overdue.
    try await report(machine, [:], now: 160).checkAge("a")
    for now in [161, 162] {
      await #expect(throws: JobError(.step, "")) {
        try await report(machine, [:], now: now).checkAge("a")
      }
    }
    #expect(try log() == "a failure\na overdue\n")
    try await report(machine, ending("success", "exited", "0", "k"), now: 170).ended("a")
    try await report(machine, [:], now: 171).checkAge("a")
    await #expect(throws: JobError(.step, "")) {
      try await report(machine, [:], now: 300).checkAge("a")
    }
    #expect(try log() == "a failure\na overdue\na overdue\n")
  }

  /// Without any success the age is that of the job.
  @Test func aJobThatNeverRan() async throws {
    let machine = try Machine(jobs: ["a": job("a", maximumAge: 60), "b": job("b")])
    try await report(machine, [:], now: 100).checkAge("a")
    let error = await #expect(throws: JobError.self) {
      try await report(machine, [:], now: 161).checkAge("a")
    }
    #expect(
      error?.reason
        == "restic-backups-a is overdue: no success since it was set up 1 min 1 s ago; at most 1 min are allowed"
    )
    try await report(machine, [:], now: 1_000_000).checkAge("b")
    await #expect(throws: JobError(.job, "")) {
      try await report(machine, [:], now: 1).checkAge("c")
    }
  }

  /// Reports of many jobs at one time: each is in the files about all.
  @Test func manyAtOnce() async throws {
    let names = (1...8).map { "job\($0)" }
    let machine = try Machine(jobs: Dictionary(uniqueKeysWithValues: names.map { ($0, job($0)) }))
    await withTaskGroup { group in
      for name in names {
        group.addTask {
          try? await report(machine, ending("success", "exited", "0", name), now: 5).ended(name)
        }
      }
    }
    let text = String(decoding: try machine.folder.read("var/lib/adage/status.prom"), as: UTF8.self)
    for name in names {
      #expect(text.contains("adage_job_last_success_timestamp_seconds{job=\"\(name)\"} 5\n"))
    }
  }

  @Test func namesThatAreNone() async throws {
    let machine = try Machine()
    for name in ["", "../x", "a/b"] {
      #expect(throws: JobError(.job, "")) { try machine.store.job(name) }
      #expect(throws: JobError(.job, "")) { try machine.store.update(name) { _ in } }
      #expect(machine.store.state(of: name) == nil)
    }
    #expect(try machine.store.names() == [])
  }
}
