internal import Plan
internal import SystemFiles

/// What root does at the start and the end of a job's run: records it, and tells those who are to know.
package struct JobReport: Sendable {
  private let store: StateStore
  private let environment: [String: String]
  private let console: NoticeConsole
  private let now: Int

  /// - Parameter environment: the process's own, in which systemd says how the run ended.
  package init(
    _ store: StateStore, environment: [String: String], console: NoticeConsole,
    now: Int = Time.now()
  ) {
    self.store = store
    self.environment = environment
    self.console = console
    self.now = now
  }

  /// Before the first step. Nobody is kept waiting: what cannot be recorded or reported is a warning.
  package func started(_ name: String) async throws(JobError) {
    let job = try store.job(name)
    let run = JobState.Run(invocation: environment["INVOCATION_ID"] ?? "", started: now)
    do throws(JobError) {
      let lost = try store.update(name, now: now) { $0.begin(run) }
      if let lost {
        console.warn("\(job.unit): the run begun at \(Time.text(lost.started)) never ended")
      }
    } catch {
      console.warn(error.reason)
    }
    do throws(SystemFilesError) {
      try job.makeRepositoryDirectory()
    } catch {
      console.warn("\(error)")
    }
    await Notices(job, store.places, console).start()
  }

  /// After the last step, whatever happened. Run by `ExecStopPost=`, it knows how from the environment; elsewhere it
  /// asks systemd, and reports what was not reported yet.
  ///
  /// - Returns: whether cleaning up failed, of which systemd does not know.
  @discardableResult
  package func ended(_ name: String) async throws(JobError) -> Bool {
    let unit = "restic-backups-\(name)"
    guard let ending = try await ending(of: "\(unit).service") else { return false }
    var job: PlannedJob?
    do throws(JobError) { job = try store.job(name) } catch { console.warn(error.reason) }
    var steps = ReportedSteps()
    do throws(JobError) {
      let run = store.state(of: name)?.running
      steps = try ReportedSteps.read(
        of: unit, in: store.places.runtime, since: run?.started ?? 0, now: now)
    } catch {
      console.warn(error.reason)
    }
    let missing = ending.isSuccess ? nil : job.flatMap { MissingFiles(of: $0).reason }
    let state = try store.update(name, now: now) { state -> JobState? in
      state.end(ending, steps, missing: missing, now: now) ? state : nil
    }
    if let state { await tell(state, job, unit, invocation: ending.invocation) }
    return steps.cleanupFailed
  }

  /// How the run ended; nil if the next is under way.
  private func ending(of unit: String) async throws(JobError) -> ServiceEnding? {
    if let ending = ServiceEnding(environment: environment)
      ?? ServiceEnding(monitorOf: unit, environment: environment)
    {
      return ending
    }
    guard let facts = await UnitFacts.of([unit])?[unit], facts.isLoaded else {
      throw JobError(.system, "report \(unit): systemctl does not say how it ended")
    }
    return facts.isRunning ? nil : ServiceEnding(facts)
  }

  private func tell(
    _ state: JobState, _ job: PlannedJob?, _ unit: String, invocation: String
  ) async {
    guard state.result == .failure else {
      if let job { await Notices(job, store.places, console).success() }
      return
    }
    // What failed without a run of its own is not in the journal of the one before.
    let lines = await lastLines(
      of: unit, invocation: state.invocation == invocation ? invocation : nil)
    let reason = [state.step, state.reason].compactMap { $0 }.joined(separator: ": ")
    console.fail("\(unit) failed: \(reason)")
    guard let job else { return }
    let notice = JobNotice(
      .failure, job: state.name, step: state.step, reason: state.reason ?? "failed", lines: lines,
      time: now, count: state.consecutiveFailures)
    await Notices(job, store.places, console).send(notice)
  }

  private func lastLines(of unit: String, invocation: String? = nil) async -> [String] {
    do throws(JobError) {
      return try await lastJournalLines(of: "\(unit).service", invocation: invocation)
    } catch {
      console.warn(error.reason)
      return []
    }
  }

  /// Whether the job's last success is longer ago than it may be. Tells those who are to know, once.
  ///
  /// - Throws: `JobError` if it is.
  package func checkAge(_ name: String) async throws(JobError) {
    let job = try store.job(name)
    guard let most = job.maximumAge else { return }
    let (state, isNew) = try store.update(name, now: now) { state -> (JobState, Bool) in
      guard state.age(at: now) > most else {
        state.staleSince = nil
        return (state, false)
      }
      defer { state.staleSince = state.freshAt }
      return (state, state.staleSince != state.freshAt)
    }
    guard state.age(at: now) > most else { return }
    let age = Time.lengthText(state.age(at: now))
    let limit = Time.lengthText(most)
    let reason =
      state.lastSuccess == nil
      ? "no success since it was set up \(age) ago; at most \(limit) are allowed"
      : "the last success was \(age) ago; at most \(limit) are allowed"
    if isNew {
      let notice = JobNotice(
        .overdue, job: name, step: nil, reason: reason, lines: await lastLines(of: job.unit),
        time: now, count: 0)
      await Notices(job, store.places, console).send(notice)
    }
    throw JobError(.step, "\(job.unit) is overdue: \(reason)")
  }
}

extension JobState {
  /// A run begins.
  ///
  /// - Returns: the one before, if nobody saw its end.
  mutating func begin(_ run: Run) -> Run? {
    let lost = running.flatMap {
      $0.invocation == run.invocation && !run.invocation.isEmpty ? nil : $0
    }
    if let lost {
      result = .failure
      step = nil
      reason = "the run begun at \(Time.text(lost.started)) never ended"
      steps = []
      consecutiveFailures += 1
    }
    running = run
    lastStart = run.started
    return lost
  }

  /// A run ends.
  ///
  /// - Returns: whether that is news.
  mutating func end(
    _ ending: ServiceEnding, _ steps: ReportedSteps, missing: String?, now: Int
  ) -> Bool {
    let run = running.flatMap { $0.invocation == ending.invocation ? $0 : nil }
    var ending = ending
    var wasReported = !ending.invocation.isEmpty && invocation == ending.invocation
    if ending.isEcho && !ending.invocation.isEmpty && echoed == ending.invocation {
      // Nothing ran since, and still something failed.
      ending = ServiceEnding(result: "dependency")
      wasReported = false
    } else if ending.isEcho {
      echoed = ending.invocation
    }
    running = nil
    // A command after the report may still fail.
    if ending.isSkipped || wasReported && (ending.isSuccess || result == .failure) { return false }
    if !ending.invocation.isEmpty { invocation = ending.invocation }
    lastEnd = now
    if let start = run?.started ?? steps.started, !wasReported { lastStart = min(start, now) }
    if !wasReported { self.steps = steps.steps }
    if ending.isSuccess && !steps.cleanupFailed {
      result = .success
      (step, reason) = (nil, nil)
      lastSuccess = now
      consecutiveFailures = 0
    } else {
      result = .failure
      let failure = ending.failure(steps, missing: missing)
      (step, reason) = (failure.step, failure.reason)
      consecutiveFailures += 1
    }
    return true
  }

  /// How many seconds the last run took; nil if there was none.
  var duration: Int? {
    guard let lastStart, let lastEnd, running == nil else { return nil }
    return max(0, lastEnd - lastStart)
  }
}
