import ArgumentParser

/// `adage init`: Begin a repository of secrets.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Begin a repository of secrets.")

  func run() async throws {}
}
