public import Age
import SecretMemory

/// An `ssh-ed25519` private key.
public final class SSHEd25519Identity: SSHIdentity {
  /// The public key.
  public let recipient: SSHEd25519Recipient
  /// The private key as an X25519 scalar.
  private let scalar: SecretBytes

  /// Reads a private key file in any form, which must not be protected by a password.
  ///
  /// - Throws: `SSHKeyError`, which repeats nothing of the file.
  public convenience init(_ file: Span<UInt8>) throws(SSHKeyError) {
    switch try SSHKeyFile(file).key() {
    case .ed25519(let key): try self.init(key)
    case .rsa: throw SSHKeyType.refusal(SSHKeyType.rsa, wanted: SSHKeyType.ed25519)
    }
  }

  init(_ key: consuming Ed25519PrivateKey) throws(SSHKeyError) {
    recipient = try SSHEd25519Recipient(blob: key.blob)
    scalar = key.scalar
  }

  public var name: String { "\(recipient)" }

  public var keyType: String { recipient.keyType }

  public func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    inParallel(files) { stanzas in
      Unwrapping(stanzas) { stanza throws(AgeError) in
        guard try recipient.isFor(stanza) else { return nil }
        return try recipient.unwrap(stanza, scalar)
      }
    }
  }

  public func recipients() throws(AgeError) -> [any Recipient] { [recipient] }

  public func x25519Identity() throws(AgeError) -> X25519Identity {
    X25519Identity(scalar: try guarding { () throws(SecretMemoryError) in try scalar.copy() })
  }
}
