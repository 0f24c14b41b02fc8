public import Age
import CLibsodium
import SecretMemory

/// An `ssh-ed25519` private key.
public final class SSHEd25519Identity: Identity {
  /// The public key.
  public let recipient: SSHEd25519Recipient
  /// The private key as an X25519 scalar.
  private let scalar: SecretBytes

  /// Reads a private key file of OpenSSH's, which must not be protected by a password.
  ///
  /// - Throws: `SSHKeyError`, which repeats nothing of the file.
  public convenience init(_ file: Span<UInt8>) throws(SSHKeyError) {
    try self.init(OpenSSHPrivateKey.read(file))
  }

  init(_ key: borrowing OpenSSHPrivateKey) throws(SSHKeyError) {
    recipient = try SSHEd25519Recipient(blob: key.publicBlob)
    var scalar = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(count: Curve25519.size)
    }
    unsafe key.secret.withUnsafeBytes { secret in
      unsafe scalar.withUnsafeMutableBytes { scalar in
        _ = unsafe crypto_sign_ed25519_sk_to_curve25519(
          scalar.assumingMemoryBound(to: UInt8.self).baseAddress!,
          secret.assumingMemoryBound(to: UInt8.self).baseAddress!)
      }
    }
    self.scalar = scalar
  }

  public var name: String { "\(recipient)" }

  public func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    inParallel(files) { stanzas in
      Unwrapping(stanzas) { stanza throws(AgeError) in try recipient.unwrap(stanza, scalar) }
    }
  }

  public func recipients() throws(AgeError) -> [any Recipient] { [recipient] }
}
