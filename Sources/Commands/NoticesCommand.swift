import ArgumentParser

/// `adage notices`: Show what a backup job had to say while nobody was logged in.
struct NoticesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices",
    abstract: "Show what a backup job had to say while nobody was logged in.")

  func run() async throws {}
}
