import Glibc
package import Plan
internal import Programs
internal import SystemFiles
package import SystemPackage

/// One run of a job: its steps in their order, up to the first that fails.
///
/// It has the rights, the environment and the directories of the job's unit. After each step what became of all of
/// them is written to the runtime directory.
package struct JobRun {
  let job: PlannedJob
  let sections: JobSections
  /// The job's own directory below `/run`.
  let directory: FilePath
  let restic: Restic
  var runner: Runner
  /// Says a line to whoever reads the journal.
  let say: (String) -> Void
  private var steps: [JobStep]

  /// - Parameters:
  ///   - sections: the words that the unit gives.
  ///   - say: writes a line to the journal.
  /// - Throws: `JobError` if the job cannot be run at all.
  package init(
    _ job: PlannedJob, _ sections: JobSections, in directory: FilePath,
    say: @escaping (String) -> Void
  ) throws(JobError) {
    self.job = job
    self.sections = sections
    self.directory = directory
    self.say = say
    restic = Restic(job, options: sections.options)
    runner = try Runner()
    steps = []
  }

  /// Runs the steps.
  ///
  /// - Returns: the exit status of what failed, or 0. If a signal ended this process's work, it ends by that signal.
  package mutating func run() -> Int32 {
    do throws(JobError) {
      try step(.secrets) { (run) throws(JobError) in try run.requireFiles() }
      if let script = job.prepareCommand {
        try step(.prepare) { (run) throws(JobError) in
          try run.require(try Program(script: script), "the prepare command")
        }
      }
      if job.initialize {
        try step(.initialize) { (run) throws(JobError) in try run.initialize() }
      }
      if job.source.hasPaths {
        try step(.paths) { (run) throws(JobError) in try run.writeIncludes() }
      }
      if !job.source.isEmpty {
        try step(.backup) { (run) throws(JobError) in try run.backUp() }
      }
      if let options = sections.prune {
        try step(.prune) { (run) throws(JobError) in
          try run.requireRestic(["unlock"])
          try run.requireRestic(["forget", "--prune"] + options)
        }
      }
      if let options = sections.check {
        try step(.check) { (run) throws(JobError) in try run.requireRestic(["check"] + options) }
      }
      return 0
    } catch {
      if let number = runner.endingSignal() { Signals.end(by: number) }
      return error.status
    }
  }

  /// Does a step, and records how it ended.
  private mutating func step(
    _ name: JobStep.Name, _ body: (inout JobRun) throws(JobError) -> Void
  ) throws(JobError) {
    let started = milliseconds()
    record(JobStep(name, .running, started: started, ended: nil))
    var failure: JobError?
    do throws(JobError) {
      try body(&self)
    } catch {
      failure = error
    }
    let signal = runner.endingSignal()
    if let signal {
      failure = JobError(.step, "interrupted by signal \(signal)", status: 128 + signal)
    }
    let isKilled = signal != nil || (failure?.status ?? 0) > 128
    record(
      JobStep(
        name, failure == nil ? .succeeded : isKilled ? .killed : .failed, started: started,
        ended: milliseconds(), reason: failure?.reason))
    guard let failure else { return }
    say("\(name.rawValue): \(failure.reason)")
    throw failure
  }

  /// Writes what is known of a step after the steps before it.
  private mutating func record(_ step: JobStep) {
    if steps.last?.status == .running { steps.removeLast() }
    steps.append(step)
    do throws(SystemFilesError) {
      try JobStep.record(steps, in: directory)
    } catch {
      say("\(step.name.rawValue): \(error)")
    }
  }

  /// Runs a program that must succeed.
  mutating func require(_ program: Program, _ name: String) throws(JobError) {
    try requireSuccess(try runner.run(program), name)
  }

  func requireSuccess(_ outcome: Runner.Outcome, _ name: String) throws(JobError) {
    if outcome.ending.isSuccess { return }
    let reason = outcome.reason.map { ": \($0)" } ?? ""
    throw JobError(
      .step, "\(name): \(outcome.ending)\(reason)", status: outcome.ending.status)
  }

  // ---- Steps ----

  /// Checks that the files are there that the job cannot do without, so that the reason is told and not restic's
  /// guess at it.
  private mutating func requireFiles() throws(JobError) {
    for variable in ["RESTIC_PASSWORD_FILE", "RESTIC_REPOSITORY_FILE", "RCLONE_CONFIG"] {
      guard let path = environment(variable) else { continue }
      let bytes: [UInt8]
      do {
        bytes = try readFile(FilePath(path), limit: 16 << 20)
      } catch {
        // A FIFO or the like is read by restic alone.
        if error.code == .notRegular { continue }
        throw JobError(.step, "\(error)")
      }
      if bytes == Array(PlannedJob.missingCredential.utf8), let file = job.environment[variable] {
        throw JobError(.step, "read \(file): it is not there, or systemd could not read it")
      }
      if variable == "RESTIC_REPOSITORY_FILE" { runner.hidden = hiddenTexts(ofRepository: bytes) }
    }
    for file in job.environmentFiles where !file.hasPrefix("-") {
      do {
        _ = try FileStatus(FilePath(file.replacing("%%", with: "%")))
      } catch {
        // systemd has read it as root, from where the job's user may not even look.
        if error.code == .notPermitted { continue }
        throw JobError(.step, "read \(file): \(error.cause)")
      }
    }
  }

  private mutating func initialize() throws(JobError) {
    guard case .missing = try repositoryState() else { return }
    let outcome = try runner.run(
      restic.program(["init"]), output: .kept(limit: 0), showsErrors: false)
    if outcome.ending.isSuccess {
      say("initialize: the repository was not there and has been made")
      return
    }
    // Another job may have been faster.
    if case .there? = try? repositoryState() { return }
    try requireSuccess(outcome, "restic init")
  }

  /// - Throws: `JobError` if it cannot be told whether there is a repository.
  private mutating func repositoryState() throws(JobError) -> RepositoryState {
    // Whoever holds a lock does not matter here.
    let outcome = try runner.run(
      restic.program(["cat", "config", "--no-lock"]), output: .kept(limit: 0), showsErrors: false)
    guard case .exited(let status) = outcome.ending else {
      try requireSuccess(outcome, "restic cat config")
      return .unknown
    }
    let state = RepositoryState(
      status: status, reason: outcome.reason, version: status == 0 ? nil : try version())
    if state == .unknown { try requireSuccess(outcome, "restic cat config") }
    return state
  }

  /// Which restic it is; nil if it does not say.
  mutating func version() throws(JobError) -> ResticVersion? {
    let outcome = try runner.run(restic.version, output: .kept(limit: 4096))
    return ResticVersion(String(decoding: outcome.output, as: UTF8.self))
  }
}

/// What this process's environment says; nil if nothing.
func environment(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}

/// A repository's place as restic may show it: as it is, and without the password in it.
private func hiddenTexts(ofRepository bytes: [UInt8]) -> [String] {
  let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
  guard let text = text.map(String.init), text.utf8.count > 2 else { return [] }
  guard let at = text.lastIndex(of: "@"), let colon = text[..<at].lastIndex(of: ":") else {
    return [text]
  }
  return [text, text[...colon] + "***" + text[at...]]
}
