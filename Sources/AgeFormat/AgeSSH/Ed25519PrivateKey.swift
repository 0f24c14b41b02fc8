import CLibsodium
import SecretMemory

/// An Ed25519 private key (RFC 8032, Section 5.1.5), as far as encryption needs it.
struct Ed25519PrivateKey: ~Copyable {
  static let size = 32

  /// 32 bytes.
  let publicKey: [UInt8]
  /// The secret scalar: the first 32 bytes of the seed's SHA-512, not clamped; X25519 does that.
  let scalar: SecretBytes

  /// Takes the seed, 32 bytes.
  init(seed: Span<UInt8>) throws(SSHKeyError) {
    guard seed.count == Self.size else {
      throw SSHKeyError(.malformed, "the private key has the wrong length")
    }
    var publicKey = [UInt8](repeating: 0, count: Self.size)
    // It takes the secret key that libsodium would have, then the hash.
    var buffer = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(count: Int(crypto_hash_sha512_BYTES))
    }
    unsafe seed.withUnsafeBufferPointer { seed in
      unsafe buffer.withUnsafeMutableBytes { buffer in
        let buffer = unsafe buffer.assumingMemoryBound(to: UInt8.self).baseAddress!
        _ = unsafe crypto_sign_ed25519_seed_keypair(&publicKey, buffer, seed.baseAddress!)
        _ = unsafe crypto_hash_sha512(buffer, seed.baseAddress!, UInt64(seed.count))
      }
    }
    buffer.truncate(to: Self.size)
    self.publicKey = publicKey
    scalar = buffer
  }

  /// The public key in SSH's wire format.
  var blob: [UInt8] { WireWriter.bytes(of: [Array(SSHKeyType.ed25519.utf8), publicKey]) }
}
