import ArgumentParser

/// `adage switch`: Make the machine what a configuration says.
struct SwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch", abstract: "Make the machine what a configuration says.")

  func run() async throws {}
}
