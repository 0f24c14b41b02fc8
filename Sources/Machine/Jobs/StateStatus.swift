internal import Plan
internal import SystemFiles

/// How the jobs of a machine are, from what was recorded of their runs and, if asked, from systemd.
package struct StatusReport: Sendable {
  package struct Job: Sendable {
    package let name: String
    /// After how many seconds without a success somebody is to know.
    package let maximumAge: Int?
    /// nil if it was never heard of.
    package let state: JobState?
    /// nil as long as systemd was not asked.
    package var live: Live?
  }

  /// What systemd says of a job.
  package struct Live: Sendable, Equatable {
    /// Since when it runs.
    package var runningSince: Int?
    /// When its timer elapses next; nil without a timer.
    package var next: Int?
    /// What is wrong that no run reported: it could not be started, or its end was not seen.
    package var trouble: String?
  }

  package enum Verdict: String, Sendable {
    case success, failure, running, never
  }

  package let time: Int
  package private(set) var jobs: [Job]
  /// What is wrong with jobs' own files.
  package private(set) var problems: [String] = []
  private let store: StateStore

  /// Reads what is recorded.
  package init(store: StateStore, now: Int = Time.now()) {
    self.store = store
    time = now
    jobs = []
    do throws(JobError) {
      for name in try store.names() {
        var age: Int?
        do throws(JobError) { age = try store.job(name).maximumAge } catch {
          problems.append(error.reason)
        }
        jobs.append(Job(name: name, maximumAge: age, state: store.state(of: name)))
      }
    } catch {
      problems.append(error.reason)
    }
  }

  /// Asks systemd what is going on now.
  package mutating func askSystem() async {
    let names = jobs.map { "restic-backups-\($0.name)" }
    guard
      let facts = await UnitFacts.of(names.flatMap { ["\($0).service", "\($0).timer"] })
    else {
      problems.append("systemctl does not say what is running")
      return
    }
    for (index, name) in names.enumerated() {
      jobs[index].live = live(
        jobs[index], service: facts["\(name).service"], timer: facts["\(name).timer"])
    }
  }

  func live(_ job: Job, service: UnitFacts?, timer: UnitFacts?) -> Live {
    var live = Live()
    guard let service, service.isLoaded else {
      live.trouble = "systemd does not have its unit"
      return live
    }
    if let timer, timer.isLoaded {
      live.next = timer.nextElapse(now: time)
      if !timer.isActive { live.trouble = "its timer is not running" }
    }
    if service.isRunning {
      live.runningSince = service.time("InactiveExitTimestamp") ?? time
      return live
    }
    let state = job.state
    if let failed = service.assertionFailed, failed > state?.lastStart ?? 0 {
      live.trouble =
        "it could not start at \(Time.text(failed)): "
        + (missing(job) ?? "an assertion of its unit failed")
    } else if service.isFailed, let invocation = service["InvocationID"],
      invocation != state?.invocation || state?.result == .success
    {
      let when = service.time("StateChangeTimestamp").map { " at \(Time.text($0))" } ?? ""
      live.trouble =
        "its unit failed\(when): "
        + (missing(job) ?? ServiceEnding(service).reason)
    } else if let run = state?.running {
      live.trouble = "the run begun at \(Time.text(run.started)) never ended"
    }
    return live
  }

  private func missing(_ job: Job) -> String? {
    (try? store.job(job.name)).flatMap { MissingFiles(of: $0).reason }
  }
}

extension StatusReport.Job {
  /// How the job is, what systemd says included.
  package var verdict: StatusReport.Verdict {
    if live?.runningSince != nil { return .running }
    if live?.trouble != nil || state?.result == .failure { return .failure }
    return state?.result == .success ? .success : .never
  }

  /// Why it failed and what else is wrong, a line each.
  package var reasons: [String] {
    let failed = state.flatMap { $0.result == .failure ? $0 : nil }
    let reason = failed.map { [$0.step, $0.reason].compactMap { $0 }.joined(separator: ": ") }
    return [reason, live?.trouble].compactMap { $0 }
  }

  /// Whether there was no success for longer than this; one that was never heard of had none.
  package func isStale(after seconds: Int, at now: Int) -> Bool {
    state.map { $0.age(at: now) > seconds } ?? true
  }
}

extension StatusReport {
  /// The version of the format of `status.json` and `adage status --json`.
  static let version = 1

  /// What `/var/lib/adage/status.json` has.
  package func json() -> String { JSON.object(members).text() + "\n" }

  /// What `adage status --json` prints: the machine's configuration and secrets, too.
  package func json(with machine: MachineStatus) -> String {
    JSON.object(members + machine.members).text() + "\n"
  }

  private var members: [(key: String, value: JSON)] {
    [
      ("version", .integer(Self.version)), ("time", .integer(time)),
      ("jobs", .array(jobs.map { .object(members(of: $0)) })),
    ]
  }

  private func members(of job: Job) -> [(key: String, value: JSON)] {
    var members =
      job.state?.facts ?? [("name", .string(job.name)), ("result", .null)]
    members.append(("maximumAge", JSON(job.maximumAge)))
    if let live = job.live {
      members += [
        ("status", .string(job.verdict.rawValue)), ("runningSince", JSON(live.runningSince)),
        ("next", JSON(live.next)), ("trouble", JSON(live.trouble)),
      ]
    }
    return members
  }
}
