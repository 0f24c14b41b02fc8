package import Age
package import AgePlugin

/// Keys from text and files, with what they need of their surroundings.
package struct Keyring: Sendable {
  /// The largest file of keys, in bytes, that is read.
  package static let limit = 16 << 20

  /// Who is asked for the passwords of keys.
  let prompter: any Prompter
  /// Where plugins are found, and whom they may ask.
  let plugins: Plugins

  package init(
    prompter: any Prompter = NobodyToAsk(), plugins directories: PluginDirectories = .none
  ) {
    self.prompter = prompter
    plugins = Plugins(in: directories, prompter: prompter)
  }
}
