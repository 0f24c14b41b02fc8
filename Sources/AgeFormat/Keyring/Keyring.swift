package import Age

/// Keys from text and files, with what they need of their surroundings.
package struct Keyring: Sendable {
  /// The largest file of keys, in bytes, that is read.
  package static let limit = 16 << 20

  /// Who is asked for the passwords of keys.
  let prompter: any Prompter

  package init(prompter: any Prompter = NobodyToAsk()) {
    self.prompter = prompter
  }
}
