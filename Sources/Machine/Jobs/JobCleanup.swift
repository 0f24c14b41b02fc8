import Glibc
package import Plan
internal import Programs
internal import SystemFiles
package import SystemPackage

/// What follows a job's run, whatever became of it.
package struct JobCleanup {
  private let job: PlannedJob
  private let directory: FilePath
  private let say: (String) -> Void

  /// - Parameters:
  ///   - directory: the job's own below `/run`; it may not be there.
  ///   - say: writes a line to the journal.
  package init(_ job: PlannedJob, in directory: FilePath, say: @escaping (String) -> Void) {
    self.job = job
    self.directory = directory
    self.say = say
  }

  /// Runs the job's cleanup command, and removes what the run wrote for restic.
  ///
  /// - Returns: the exit status of the command, or 0.
  package func run() -> Int32 {
    let status = runCommand()
    for name in [JobRun.includes, JobRun.excludes] {
      _ = unsafe unlink(directory.appending(name).string)
    }
    return status
  }

  private func runCommand() -> Int32 {
    guard let script = job.cleanupCommand else { return 0 }
    let started = milliseconds()
    var failure: JobError?
    do throws(JobError) {
      var runner = try Runner()
      let outcome = try runner.run(try Program(script: script))
      if !outcome.ending.isSuccess {
        let reason = outcome.reason.map { ": \($0)" } ?? ""
        failure = JobError(
          .step, "the cleanup command: \(outcome.ending)\(reason)", status: outcome.ending.status)
      }
    } catch {
      failure = error
    }
    if let failure { say("cleanup: \(failure.reason)") }
    let step = JobStep(
      .cleanup, failure == nil ? .succeeded : .failed, started: started, ended: milliseconds(),
      reason: failure?.reason)
    // Without its directory the job has not run.
    if (try? FileStatus(directory)) != nil {
      try? JobStep.record(JobStep.recorded(in: directory) + [step], in: directory)
    }
    return failure?.status ?? 0
  }
}

/// The directory below `/run` that systemd made for a job's unit.
package func runtimeDirectory(of job: PlannedJob) -> FilePath {
  let made = (environment("RUNTIME_DIRECTORY") ?? "").split(separator: ":").map {
    FilePath(String($0))
  }
  return made.first { $0.lastComponent?.string == job.unit } ?? made.first
    ?? FilePath("/run/\(job.unit)")
}
