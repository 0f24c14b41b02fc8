import ArgumentParser
import Jobs
import Plan

extension RunJobCommand {
  /// `NAME SECTIONS`: runs the job's steps.
  static func runSteps(_ request: RunJobRequest) async throws {
    let job = try request.job()
    var run = try JobRun(
      job, try JobSections(request.words), in: runtimeDirectory(of: job), say: say(job))
    try exit(run.run())
  }

  /// `--cleanup NAME`: what follows the steps, whatever happened.
  static func cleanUp(_ request: RunJobRequest) async throws {
    let job = try request.job()
    try exit(JobCleanup(job, in: runtimeDirectory(of: job), say: say(job)).run())
  }

  /// Says lines in the name of the job's unit.
  private static func say(_ job: PlannedJob) -> (String) -> Void {
    let console = Console(program: job.unit, isVerbose: false)
    return { console.say($0) }
  }

  private static func exit(_ status: Int32) throws {
    if status != 0 { throw ExitCode(status) }
  }
}
