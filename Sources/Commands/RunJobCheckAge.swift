import Jobs

extension RunJobCommand {
  /// `--check-age NAME`: fails if the last success is too long ago.
  static func checkAge(_ request: RunJobRequest) async throws {
    try await request.report().checkAge(request.name)
  }
}
