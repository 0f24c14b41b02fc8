import Age
import CLibsodium
import SecretMemory

/// The `ssh-ed25519` key of a private key file of OpenSSH's (its PROTOCOL.key), which must not be protected.
struct OpenSSHPrivateKey: ~Copyable {
  /// The largest file, in bytes, that is read.
  static let limit = 16 << 10
  /// The size of cipher blocks, to which the private part is padded although nothing encrypts it.
  private static let blockSize = 8
  private static let secretSize = Int(crypto_sign_ed25519_SECRETKEYBYTES)

  /// The public key in SSH's wire format.
  let publicBlob: [UInt8]
  /// Ed25519's secret key: 32 bytes of seed, then the 32 of the public key.
  let secret: SecretBytes

  /// Reads the text of a file.
  static func read(_ text: Span<UInt8>) throws(SSHKeyError) -> OpenSSHPrivateKey {
    try PEM.decode(text).withSpan { bytes throws(SSHKeyError) in
      let outer = try Outer(bytes)
      let secret = try secret(bytes.extracting(outer.privatePart), outer.publicBlob)
      return OpenSSHPrivateKey(publicBlob: outer.publicBlob, secret: secret)
    }
  }

  /// What surrounds the private part: cipher and derivation (both none), the number of keys (one), the public key.
  private struct Outer {
    let publicBlob: [UInt8]
    let privatePart: Range<Int>

    init(_ bytes: Span<UInt8>) throws(SSHKeyError) {
      var reader = WireReader()
      let magic = Array("openssh-key-v1\0".utf8)
      guard
        try reader.take(magic.count, bytes).elementsEqual(
          magic.indices, by: { bytes[$0] == magic[$1] })
      else { throw SSHKeyError(.malformed, "the key is not in OpenSSH's format") }
      let cipher = try reader.text(bytes)
      let derivation = try reader.text(bytes)
      let options = try reader.string(bytes)
      let keyCount = try reader.number(bytes)
      guard keyCount == 1 else {
        throw SSHKeyError(.malformed, "the file has \(keyCount) keys and not one")
      }
      publicBlob = try reader.string(bytes).map { bytes[$0] }
      privatePart = try reader.string(bytes)
      try reader.requireEnd(bytes)

      var publicReader = WireReader()
      let type = try publicReader.text(publicBlob.span)
      guard type == SSHKeyType.ed25519 else { throw SSHKeyType.refusal(type) }
      if cipher != "none" {
        throw SSHKeyError(
          .passwordProtected, "the key is protected by a password, which is not supported yet")
      }
      guard derivation == "none", options.isEmpty else {
        throw SSHKeyError(.malformed, "the key is not encrypted and yet has a key derivation")
      }
    }
  }

  /// Reads the private part: two equal numbers, the key, a comment, padding.
  private static func secret(
    _ bytes: Span<UInt8>, _ publicBlob: [UInt8]
  ) throws(SSHKeyError) -> SecretBytes {
    var reader = WireReader()
    guard try reader.number(bytes) == reader.number(bytes) else {
      throw SSHKeyError(.malformed, "the key's check numbers differ")
    }
    guard try reader.text(bytes) == SSHKeyType.ed25519 else {
      throw SSHKeyError(
        .malformed, "the key's private part is of another type than its public part")
    }
    let publicKey = try reader.string(bytes)
    let secretKey = try reader.string(bytes)
    _ = try reader.string(bytes)
    let padding = reader.rest(bytes)
    guard bytes.count.isMultiple(of: blockSize),
      zip(padding, 1...).allSatisfy({ bytes[$0] == UInt8(truncatingIfNeeded: $1) })
    else { throw SSHKeyError(.malformed, "the key's padding is wrong") }
    guard secretKey.count == secretSize else {
      throw SSHKeyError(.malformed, "the private key has the wrong length")
    }
    let secret = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(copying: bytes.extracting(secretKey))
    }
    let derived = try derivedPublicKey(secret)
    let suffix = Array(publicBlob.suffix(derived.count))
    let isSame =
      bytes.extracting(publicKey).isEqual(derived) && suffix == derived
      && bytes.extracting(secretKey).extracting((secretSize - derived.count)...).isEqual(derived)
    guard isSame else {
      throw SSHKeyError(.malformed, "the private key does not belong to the public key beside it")
    }
    return secret
  }

  /// The public key of the seed that a secret key begins with.
  private static func derivedPublicKey(_ secret: borrowing SecretBytes) throws(SSHKeyError)
    -> [UInt8]
  {
    var publicKey = [UInt8](repeating: 0, count: Int(crypto_sign_ed25519_PUBLICKEYBYTES))
    var copy = try guardingKey { () throws(SecretMemoryError) in try SecretBytes(count: secretSize)
    }
    unsafe secret.withUnsafeBytes { seed in
      unsafe copy.withUnsafeMutableBytes { copy in
        _ = unsafe crypto_sign_ed25519_seed_keypair(
          &publicKey, copy.assumingMemoryBound(to: UInt8.self).baseAddress!,
          seed.assumingMemoryBound(to: UInt8.self).baseAddress!)
      }
    }
    return publicKey
  }
}

extension Span<UInt8> {
  /// Whether the bytes, which are not secret, are those of an array.
  fileprivate func isEqual(_ bytes: [UInt8]) -> Bool {
    count == bytes.count && indices.allSatisfy { self[$0] == bytes[$0] }
  }
}
