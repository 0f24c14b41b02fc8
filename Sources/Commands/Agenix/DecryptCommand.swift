import Editing
import SystemPackage

extension AgenixCommand {
  /// `-d FILE`: writes the clear text to standard output.
  ///
  /// A file of at most `SecretFile.wholeLimit` bytes is checked whole before any of it is written.
  func decrypt(_ typed: String) async throws {
    let (file, keys) = try await secretFile(for: typed)
    try file.decrypt(with: try use(keys), to: .standardOutput)
    console.warnIfUnlocked()
  }
}
