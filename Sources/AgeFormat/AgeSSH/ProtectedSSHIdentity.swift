public import Age
import SecretMemory
import Synchronization

/// An SSH private key that a password protects, which is asked for when a file is found to be for the key, and then once.
///
/// Until then only the public key is known. The private key stays decrypted, so that any number of files takes one
/// answer and one derivation; after a wrong or no answer nobody is asked again.
public final class ProtectedSSHIdentity: SSHIdentity {
  /// The path that was given.
  public let name: String
  private let recipient: any SSHRecipient
  private let prompter: any Prompter
  private let file: SSHKeyFile
  /// What asking came to, once somebody was asked.
  private let outcome = Mutex<Result<any SSHIdentity, AgeError>?>(nil)

  /// Takes a private key file in any form.
  ///
  /// - Parameters:
  ///   - file: the text of the file.
  ///   - path: what messages and prompts call the key.
  ///   - publicKey: the line in `KEY.pub`; only OpenSSH's own format has the public key in the private key's file.
  ///   - prompter: who is asked for the password.
  /// - Throws: `SSHKeyError` with the code `.publicKeyMissing` if the file does not say which key it is, or as reading
  ///   the file or the line does.
  public convenience init(
    _ file: Span<UInt8>, path: String, publicKey: String?, prompter: any Prompter
  ) throws(SSHKeyError) {
    try self.init(SSHKeyFile(file), path: path, publicKey: publicKey, prompter: prompter)
  }

  init(
    _ file: consuming SSHKeyFile, path: String, publicKey: String?, prompter: any Prompter
  ) throws(SSHKeyError) {
    if let blob = file.publicBlob {
      recipient = try makeRecipient(blob: blob)
    } else if let publicKey {
      recipient = try makeRecipient(blob: SSHPublicKeyLine(publicKey).blob)
    } else {
      throw SSHKeyError(
        .publicKeyMissing, "the key is protected by a password and does not say which key it is",
        hint: "put its public key beside it: `ssh-keygen -y -f KEY > KEY.pub`")
    }
    name = path
    self.prompter = prompter
    self.file = file
  }

  public var asksSomebody: Bool {
    outcome.withLock { outcome in
      if case .success = outcome { false } else { true }
    }
  }

  public var keyType: String { recipient.keyType }

  public func recipients() throws(AgeError) -> [any Recipient] { [recipient] }

  public func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    guard recipient.isForAny(of: files) else { return answers(to: files, nil) }
    do { return try unlocked().unwrap(files) } catch { return answers(to: files, error) }
  }

  public func x25519Identity() throws(AgeError) -> X25519Identity {
    try unlocked().x25519Identity()
  }

  /// What is said while the private key is not there: `error` of files that are for it, of others that they are not.
  private func answers(to files: [[Stanza]], _ error: AgeError?) -> [Unwrapping] {
    files.map { stanzas in
      Unwrapping(stanzas) { stanza throws(AgeError) in
        if try recipient.isFor(stanza), let error { throw error }
        return nil
      }
    }
  }

  /// The identity of the private key; whoever else wants it meanwhile waits for the person's answer, too.
  private func unlocked() throws(AgeError) -> any SSHIdentity {
    try outcome.withLock { outcome throws(AgeError) in
      if let outcome { return try outcome.get() }
      let result = Result { () throws(AgeError) in try unlock() }
      outcome = result
      return try result.get()
    }
  }

  private func unlock() throws(AgeError) -> any SSHIdentity {
    let password = try prompter.secret("passphrase for \(name)")
    do throws(SSHKeyError) {
      let key = try file.key(password: password)
      guard key.blob == recipient.blob else {
        throw SSHKeyError(
          .malformed, "the private key does not belong to its public key",
          hint: "make its public key anew: `ssh-keygen -y -f KEY > KEY.pub`")
      }
      return try key.identity()
    } catch {
      throw error.asAgeError("unlock \(name)")
    }
  }
}
