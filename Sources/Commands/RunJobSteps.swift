extension RunJobCommand {
  /// `NAME SECTIONS`: runs the job's steps.
  func runSteps(_ request: RunJobRequest) async throws {}

  /// `--cleanup NAME`: what follows the steps, whatever happened.
  func cleanUp(_ request: RunJobRequest) async throws {}

  /// Makes the unit fail if cleaning up did: systemd ignores that, so that all of what follows it runs.
  func failIfCleanupFailed(_ request: RunJobRequest) throws {}
}
