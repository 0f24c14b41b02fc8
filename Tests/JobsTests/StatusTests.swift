import Foundation
import Plan
import SystemPackage
import TestSupport
import Testing

@testable import Jobs

@Suite struct StatusTests {
  private func machine() throws -> Machine {
    let jobs = ["a", "b\"\\\n", "c"].map {
      ($0, PlannedJob(name: $0, restic: "/r", maximumAge: $0 == "a" ? 60 : nil).json())
    }
    let machine = try Machine(jobs: Dictionary(uniqueKeysWithValues: jobs))
    try machine.store.update("a", now: 100) { state in
      _ = state.begin(JobState.Run(invocation: "i", started: 100))
      _ = state.end(
        ServiceEnding(result: "success", code: "exited", status: "0", invocation: "i"),
        ReportedSteps(
          steps(
            #"[{"step": "backup", "status": "succeeded", "started": 100000000000000, "ended": 100000000000001}]"#
          ), now: 100_000_000_001), missing: nil, now: 160)
    }
    try machine.store.update("b\"\\\n", now: 100) { state in
      _ = state.end(
        ServiceEnding(result: "exit-code", code: "exited", status: "1", invocation: "i"),
        ReportedSteps(), missing: nil, now: 170)
    }
    return machine
  }

  @Test func metrics() throws {
    let machine = try machine()
    let text = StatusReport(store: machine.store, now: 200).metrics()
    #expect(
      text == #"""
        # HELP adage_job_last_success_timestamp_seconds When the job last succeeded.
        # TYPE adage_job_last_success_timestamp_seconds gauge
        adage_job_last_success_timestamp_seconds{job="a"} 160
        # HELP adage_job_last_run_timestamp_seconds When the job's last run ended.
        # TYPE adage_job_last_run_timestamp_seconds gauge
        adage_job_last_run_timestamp_seconds{job="a"} 160
        adage_job_last_run_timestamp_seconds{job="b\"\\\n"} 170
        # HELP adage_job_last_result Whether the job's last run succeeded: 1 or 0.
        # TYPE adage_job_last_result gauge
        adage_job_last_result{job="a"} 1
        adage_job_last_result{job="b\"\\\n"} 0
        # HELP adage_job_duration_seconds How long the job's last run took.
        # TYPE adage_job_duration_seconds gauge
        adage_job_duration_seconds{job="a"} 60
        # HELP adage_job_step_duration_seconds How long a step of the job's last run took.
        # TYPE adage_job_step_duration_seconds gauge
        adage_job_step_duration_seconds{job="a",step="backup"} 0.001
        # HELP adage_job_consecutive_failures How many runs failed since the last success.
        # TYPE adage_job_consecutive_failures gauge
        adage_job_consecutive_failures{job="a"} 0
        adage_job_consecutive_failures{job="b\"\\\n"} 1
        # HELP adage_job_maximum_age_seconds After what time without a success the job is overdue.
        # TYPE adage_job_maximum_age_seconds gauge
        adage_job_maximum_age_seconds{job="a"} 60

        """#)
  }

  @Test func asJSON() throws {
    let machine = try machine()
    let report = StatusReport(store: machine.store, now: 200)
    #expect(report.problems == [])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    #expect(object["version"] as? Int == 1)
    let jobs = try #require(object["jobs"] as? [[String: Any]])
    #expect(jobs.map { $0["name"] as? String } == ["a", "b\"\\\n", "c"])
    #expect(jobs.map { $0["result"] as? String } == ["success", "failure", nil])
    #expect(jobs[0]["lastSuccess"] as? Int == 160)
    #expect(jobs[1]["reason"] as? String == "exit status 1")
    let whole = try JSONSerialization.jsonObject(
      with: Data(report.json(with: MachineStatus(machine.store.places)).utf8))
    #expect((whole as? [String: Any])?["configuration"] != nil)
  }

  @Test func staleness() throws {
    let machine = try machine()
    let jobs = StatusReport(store: machine.store, now: 200).jobs
    #expect(jobs.count == 3)
    #expect(jobs.map { $0.isStale(after: 40, at: 200) } == [false, true, true])
    #expect(jobs.map { $0.isStale(after: 39, at: 200) } == [true, true, true])
    // The second never succeeded: its age counts from when it was first heard of.
    #expect(jobs.map { $0.isStale(after: 100, at: 200) } == [false, false, true])
    // The clock was set back.
    #expect(!jobs[0].isStale(after: 1, at: 10))
  }

  private func live(_ service: String, timer: String = "") throws -> (
    StatusReport.Job, StatusReport.Live
  ) {
    let machine = try machine()
    let report = StatusReport(store: machine.store, now: 200)
    let service = UnitFacts.parse("Id=s\n" + service)["s"]
    let timer = timer.isEmpty ? nil : UnitFacts.parse("Id=t\n" + timer)["t"]
    var job = report.jobs[0]
    let live = report.live(job, service: service, timer: timer)
    job.live = live
    return (job, live)
  }

  private let idle = "LoadState=loaded\nActiveState=inactive\nResult=success\nInvocationID=i\n"

  @Test func aJobThatIsWell() throws {
    let (job, live) = try live(
      idle + "AssertResult=no\nAssertTimestamp=\n",
      timer: """
        LoadState=loaded
        ActiveState=active
        NextElapseUSecRealtime=Thu 1970-01-01 01:00:00 UTC
        NextElapseUSecMonotonic=0
        """)
    #expect(live == StatusReport.Live(next: 3600))
    #expect(job.verdict == .success)
    #expect(job.reasons == [])
  }

  @Test func aJobThatRuns() throws {
    let (job, live) = try live(
      """
      LoadState=loaded
      ActiveState=activating
      InactiveExitTimestamp=Thu 1970-01-01 00:03:00 UTC
      """)
    #expect(live.runningSince == 180)
    #expect(job.verdict == .running)
  }

  @Test(
    arguments: [
      // An assertion: the unit did not even fail.
      (
        "AssertResult=no\nAssertTimestamp=Thu 1970-01-01 00:03:00 UTC\n",
        "an assertion of its unit failed"
      ),
      // Older than the last run.
      ("AssertResult=no\nAssertTimestamp=Thu 1970-01-01 00:00:10 UTC\n", nil),
      ("ActiveState=failed\nResult=resources\nInvocationID=j\n", "systemd could not start it"),
      ("ActiveState=failed\nResult=exit-code\nInvocationID=i\n", "a command of its unit failed"),
      ("LoadState=not-found\n", "systemd does not have its unit"),
    ] as [(String, String?)])
  func troubleThatNobodyReported(properties: String, part: String?) throws {
    let (job, live) = try live(idle + properties)
    #expect((live.trouble != nil) == (part != nil))
    if let part { #expect(live.trouble?.contains(part) == true) }
    #expect(job.verdict == (part == nil ? .success : .failure))
  }

  @Test func aTimerThatIsOff() throws {
    let (_, live) = try live(idle, timer: "LoadState=loaded\nActiveState=inactive\n")
    #expect(live.trouble == "its timer is not running")
  }

  @Test func configurationAndSecrets() throws {
    let machine = try Machine()
    #expect(MachineStatus(machine.store.places).configuration == nil)
    let folder = machine.folder
    let file = try folder.write("etc/adage/configurations/7/secrets/x.age", "x")
    let present = try folder.write("there", "x")
    let plan = Plan(
      identityPaths: ["/k"],
      secrets: [
        PlannedSecret(name: "x", file: file, path: present),
        PlannedSecret(name: "y", file: folder.path("none"), path: folder.path("none")),
      ])
    try folder.write("etc/adage/configurations/7/plan.json", plan.json())
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("etc/adage/current"), withDestinationPath: "configurations/7")
    let status = MachineStatus(machine.store.places)
    #expect(status.configuration?.number == 7)
    #expect(status.secrets?.map(\.isPresent) == [true, false])
    #expect(status.secrets?.map { $0.changed == nil } == [false, true])
    #expect(status.problems == [])
    try folder.write("etc/adage/configurations/7/plan.json", "{")
    #expect(MachineStatus(machine.store.places).problems.count == 1)
  }
}
