import Age
import Keyring
import SecretMemory
import SystemFiles
import SystemPackage

/// The key that opens the secrets when the machine is gone.
final class RecoveryKey: Sendable {
  /// Its public key.
  let recipient: String
  /// The private key as it is written to a file, and where that will be; nil if the private key is elsewhere already.
  let text: SecretBytes?
  let file: FilePath?

  /// Makes a new one, whose private key goes to a file that is not there yet.
  convenience init(newAt file: FilePath) throws {
    let identity = try X25519Identity()
    let recipient = identity.recipient.description
    let comments =
      "# The recovery key of secrets: keep it where their machine is not.\n"
      + "# created: \(Timestamp.now())\n# public key: \(recipient)\n"
    var buffer = try SecretBuffer(capacity: 512, locking: .required)
    try buffer.append(Array(comments.utf8).span)
    try identity.encoded().withSpan { bytes throws(SecretMemoryError) in try buffer.append(bytes) }
    try buffer.append([UInt8(ascii: "\n")].span)
    self.init(recipient, buffer.finish(), at: file)
  }

  private init(_ recipient: String, _ text: consuming SecretBytes?, at file: FilePath?) {
    self.recipient = recipient
    self.text = text
    self.file = file
  }

  /// Takes the public key of one that there is.
  convenience init(publicKey: String) throws {
    do throws(KeyringError) {
      _ = try Keyring().recipient(publicKey)
    } catch {
      throw CommandFailure("use the recovery key: \(error)", hint: error.hint)
    }
    self.init(publicKey, nil, at: nil)
  }

  /// What is wrong with a file for a new key; nil if nothing is.
  static func flaw(of file: FilePath, in repository: FilePath) -> String? {
    if NewFiles.exists(file) { return "\(file) is there already" }
    if file.starts(with: repository), file != repository.appending(RecoveryWarning.recoveryFile) {
      return "\(file) is in the repository, where git would keep it"
    }
    guard file.lastComponent != nil,
      file.starts(with: repository)
        || (try? FileStatus(file.removingLastComponent()))?.kind == .directory
    else { return "there is no directory \(file.removingLastComponent())" }
    return nil
  }
}
