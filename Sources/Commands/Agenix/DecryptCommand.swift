import Editing
import SystemPackage

extension AgenixCommand {
  /// `-d FILE`: writes the clear text to standard output.
  ///
  /// A file is decrypted whole before any of it is written if it is at most `HeldBackSink.limit`
  /// bytes; a larger one flows through, and what was written before an error stays written.
  func decrypt(_ typed: String) async throws {
    let (file, keys) = try await secretFile(for: typed)
    try file.decrypt(with: try use(keys), to: .standardOutput)
    warnIfUnlocked()
  }
}
