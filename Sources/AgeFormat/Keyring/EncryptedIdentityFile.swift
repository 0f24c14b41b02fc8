import Age
import SecretMemory
import Synchronization

/// An identity file that is itself an age file under a password, which is asked for when it is first needed.
final class EncryptedIdentityFile: Identity {
  let name: String
  let asksSomebody = true

  private let file: [UInt8]
  private let password: ScryptIdentity
  /// Makes identities of the clear text.
  private let read: @Sendable (borrowing SecretBytes) throws(KeyringError) -> [any Identity]
  private let opened = Mutex<Result<[any Identity], AgeError>?>(nil)

  /// Takes the cipher text of the file at `place`.
  init(
    _ file: [UInt8], at place: String, prompter: any Prompter,
    read: @escaping @Sendable (borrowing SecretBytes) throws(KeyringError) -> [any Identity]
  ) {
    name = "\(place) (encrypted)"
    self.file = file
    password = ScryptIdentity(asking: prompter, for: "passphrase for identity file \(place)")
    self.read = read
  }

  func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    do throws(AgeError) {
      return try identities().unwrap(files)
    } catch {
      return files.map { _ in .refused(error) }
    }
  }

  func recipients() throws(AgeError) -> [any Recipient] {
    var recipients: [any Recipient] = []
    for identity in try identities() { recipients += try identity.recipients() }
    return recipients
  }

  /// What the file holds; it is decrypted once, and what failed then fails again.
  private func identities() throws(AgeError) -> [any Identity] {
    try opened.withLock { opened in
      let result = opened ?? Result { () throws(AgeError) in try decrypt() }
      opened = result
      return result
    }.get()
  }

  private func decrypt() throws(AgeError) -> [any Identity] {
    let text: SecretBytes
    do throws(AgeError) {
      text = try Age.decrypt(file, identities: [password])
    } catch {
      throw AgeError(
        error.isOfFile ? .identity : error.code, "decrypt the identity file \(name): \(error)",
        hint: error.hint)
    }
    do throws(KeyringError) {
      return try read(text)
    } catch {
      throw AgeError(.identity, "\(error)", hint: error.hint)
    }
  }
}

extension AgeError {
  /// Whether it says that an identity file, and not what it should open, is damaged.
  fileprivate var isOfFile: Bool {
    switch code {
    case .noMatch, .header, .headerMAC, .payload, .armor: true
    default: false
    }
  }
}
