extension RunJobCommand {
  /// `--started NAME`: tells who wants to know that the job starts.
  func reportStart(_ request: RunJobRequest) async throws {}
}
