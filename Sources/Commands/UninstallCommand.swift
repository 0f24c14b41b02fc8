import ArgumentParser

/// `adage uninstall`: Remove everything that switch made.
struct UninstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Remove everything that switch made.")

  func run() async throws {}
}
