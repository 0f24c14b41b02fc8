import Age
import Editing
import Glibc
import Manifest
import SecretMemory
import SystemFiles
import SystemPackage

extension AgenixCommand {
  /// `-e FILE`: lets the person edit a secret, or takes its new content from standard input.
  func edit(_ typed: String) async throws {
    let (file, keys) = try await secretFile(for: typed)
    // Keys are parsed before anybody types a word.
    let recipients = RecipientCache(process.keyring)
    try recipients.check(file.rule)
    let editor = EditorProgram(environment: ProcessContext.environment)
    let input = isatty(STDIN_FILENO) == 0 ? try SecretBytes.reading(.standardInput) : nil
    let before = file.exists ? try file.decrypt(with: try use(keys)) : nil
    guard let after = try await newContent(of: file, editor, before: before, input: input) else {
      console.say("\(typed) wasn't created.")
      return
    }
    if !editor.changesNothing, let before, before == after {
      console.say("\(typed) wasn't changed, skipping re-encryption.")
      return
    }
    try file.replace(with: try file.encrypt(after, recipients: recipients))
    console.warnIfUnlocked()
  }

  /// What the secret is to be; nil if nothing came of it.
  private func newContent(
    of file: SecretFile, _ editor: EditorProgram, before: borrowing SecretBytes?,
    input: consuming SecretBytes?
  ) async throws -> SecretBytes? {
    let mayBeEmpty = arguments.allowsEmpty || isEmpty(before)
    if let input {
      if !input.isEmpty || mayBeEmpty { return input }
      guard editor.changesNothing else {
        throw EditingError(
          .empty, "edit \(file.rule.name): standard input is empty, and the secret would be",
          hint: "--allow-empty makes it empty")
      }
    }
    if editor.changesNothing { return try copy(of: before) }
    if case .exposed(let device) = try Swap.current() {
      console.warn("the editor's memory may be swapped to \(device), which is not encrypted")
    }
    let session = try EditorSession(editor: editor, environment: ProcessContext.environment)
    let name = file.path.lastComponent ?? "secret"
    guard let after = try await session.edit(before, named: name) else { return nil }
    guard !after.isEmpty || mayBeEmpty else {
      throw EditingError(
        .empty, "edit \(file.rule.name): the editor left it empty",
        hint: "--allow-empty makes it empty")
    }
    return after
  }

  /// Whether there is a text, and nothing in it.
  private func isEmpty(_ text: borrowing SecretBytes?) -> Bool {
    switch text {
    case .some(let text): text.isEmpty
    case .none: false
    }
  }

  private func copy(of text: borrowing SecretBytes?) throws -> SecretBytes? {
    switch text {
    case .some(let text): try text.copy(locking: .preferred)
    case .none: nil
    }
  }
}
