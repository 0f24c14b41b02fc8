import Jobs

extension RunJobCommand {
  /// `--restic NAME`: becomes restic, as the job's user and with its environment.
  static func runRestic(_ request: RunJobRequest) throws {
    try ResticWrapper(try request.job(), words: request.words).run()
  }
}
