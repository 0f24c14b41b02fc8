import ArgumentParser

/// `adage uninstall`: takes away all that `switch` brought.
struct UninstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Take away all that switch brought.")

  func run() async throws {}
}
