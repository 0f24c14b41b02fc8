extension RunJobCommand {
  /// `--report NAME`: records how the job ended and tells who wants to know.
  func reportEnd(_ request: RunJobRequest) async throws {}
}
