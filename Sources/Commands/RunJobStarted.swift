import Jobs

extension RunJobCommand {
  /// `--started NAME`: records that the job starts and tells who wants to know.
  static func reportStart(_ request: RunJobRequest) async throws {
    try await request.report().started(request.name)
  }
}
