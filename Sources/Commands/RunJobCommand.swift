import ArgumentParser

/// `adage run-job`: Run a backup job; its unit and its wrapper do.
struct RunJobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-job", abstract: "Run a backup job; its unit and its wrapper do.")

  func run() async throws {}
}
