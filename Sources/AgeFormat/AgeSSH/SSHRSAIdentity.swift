public import Age
import SecretMemory

/// An `ssh-rsa` private key.
public final class SSHRSAIdentity: SSHIdentity {
  /// The public key.
  public let recipient: SSHRSARecipient
  private let key: RSAPrivateKey

  /// Reads a private key file in any form, which must not be protected by a password.
  ///
  /// - Throws: `SSHKeyError`, which repeats nothing of the file.
  public convenience init(_ file: Span<UInt8>) throws(SSHKeyError) {
    switch try SSHKeyFile(file).key() {
    case .rsa(let key): self.init(key)
    case .ed25519: throw SSHKeyType.refusal(SSHKeyType.ed25519, wanted: SSHKeyType.rsa)
    }
  }

  init(_ key: consuming RSAPrivateKey) {
    recipient = SSHRSARecipient(key.publicKey)
    self.key = key
  }

  public var name: String { "\(recipient)" }

  public var keyType: String { recipient.keyType }

  public func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    // OpenSSL is not started for files that are not this key's, and has the key only meanwhile.
    let opened =
      recipient.isForAny(of: files) ? Result { () throws(AgeError) in try OAEP(key) } : nil
    return inParallel(files, grain: 1) { stanzas in
      Unwrapping(stanzas) { stanza throws(AgeError) in
        guard try recipient.isFor(stanza), let opened else { return nil }
        return try recipient.unwrap(stanza, opened.get())
      }
    }
  }

  public func recipients() throws(AgeError) -> [any Recipient] { [recipient] }

  public func x25519Identity() throws(AgeError) -> X25519Identity {
    throw AgeError(.identity, "convert the key: an ssh-rsa key stands for no age recipient")
  }
}
