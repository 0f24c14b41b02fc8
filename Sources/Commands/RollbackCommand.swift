import ArgumentParser

/// `adage rollback`: Go back to the configuration before.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Go back to the configuration before.")

  func run() async throws {}
}
