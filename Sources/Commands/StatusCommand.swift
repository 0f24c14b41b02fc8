import ArgumentParser

/// `adage status`: Say how the machine's backup jobs and secrets are.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how the machine's backup jobs and secrets are.")

  func run() async throws {}
}
