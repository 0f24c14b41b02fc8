import SecretMemory

/// A private key file in OpenSSH's own format (its PROTOCOL.key), protected or not.
struct OpenSSHKey: ~Copyable {
  private static let magic = Array("openssh-key-v1\0".utf8)

  /// The public key in SSH's wire format.
  let publicBlob: [UInt8]
  private let type: String
  private let encryption: OpenSSHEncryption
  /// The file, and where the private part and the tag that may authenticate it lie in it.
  private let bytes: SecretBytes
  private let privatePart: Range<Int>
  private let tag: Range<Int>

  /// Reads what surrounds the private part: cipher and derivation, the number of keys (one), the public key.
  init(_ bytes: consuming SecretBytes) throws(SSHKeyError) {
    let outer = try bytes.withSpan { bytes throws(SSHKeyError) in try Outer(bytes) }
    publicBlob = outer.publicBlob
    type = outer.type
    encryption = outer.encryption
    privatePart = outer.privatePart
    tag = outer.tag
    self.bytes = bytes
  }

  private struct Outer {
    let publicBlob: [UInt8]
    let type: String
    let encryption: OpenSSHEncryption
    let privatePart: Range<Int>
    let tag: Range<Int>

    init(_ bytes: Span<UInt8>) throws(SSHKeyError) {
      var reader = WireReader()
      guard try bytes.extracting(reader.take(magic.count, bytes)).isEqual(magic) else {
        throw SSHKeyError(.malformed, "the key is not in OpenSSH's format")
      }
      let cipher = try reader.text(bytes)
      let derivation = try reader.text(bytes)
      let options = try reader.string(bytes)
      let keyCount = try reader.number(bytes)
      guard keyCount == 1 else {
        throw SSHKeyError(.malformed, "the file has \(keyCount) keys and not one")
      }
      let publicBlob = bytes.extracting(try reader.string(bytes)).copied
      privatePart = try reader.string(bytes)
      tag = reader.rest(bytes)

      var publicReader = WireReader()
      let type = try publicReader.text(publicBlob.span)
      guard type == SSHKeyType.ed25519 || type == SSHKeyType.rsa else {
        throw SSHKeyType.refusal(type)
      }
      self.publicBlob = publicBlob
      self.type = type
      encryption = try OpenSSHEncryption(
        cipher: cipher, derivation: derivation, options: bytes.extracting(options))
      guard privatePart.count.isMultiple(of: encryption.cipher.blockSize),
        tag.count == encryption.cipher.tagSize
      else { throw SSHKeyError(.malformed, "the key's private part has the wrong length") }
    }
  }

  var isProtected: Bool { encryption.isProtected }

  /// The key of a file that is not protected.
  func key() throws(SSHKeyError) -> SSHPrivateKey {
    guard !isProtected else { throw .passwordProtected }
    return try bytes.withSpan { bytes throws(SSHKeyError) in
      guard let key = try privateKey(bytes.extracting(privatePart)) else {
        throw SSHKeyError(.malformed, "the key's check numbers differ")
      }
      return key
    }
  }

  /// The key of a file that is protected.
  func key(password: borrowing SecretBytes) throws(SSHKeyError) -> SSHPrivateKey {
    guard isProtected else { return try key() }
    let clear = try bytes.withSpan { bytes throws(SSHKeyError) in
      try encryption.decrypt(
        bytes.extracting(privatePart), tag: bytes.extracting(tag), password: password)
    }
    return try clear.withSpan { clear throws(SSHKeyError) in
      guard let key = try privateKey(clear) else { throw .wrongPassword }
      return key
    }
  }

  /// Reads the private part: two equal numbers, the key, a comment, padding; `nil` if the numbers differ.
  private func privateKey(_ bytes: Span<UInt8>) throws(SSHKeyError) -> SSHPrivateKey? {
    var reader = WireReader()
    guard try reader.number(bytes) == reader.number(bytes) else { return nil }
    guard try reader.text(bytes) == type else {
      throw SSHKeyError(
        .malformed, "the key's private part is of another type than its public part")
    }
    let key: SSHPrivateKey =
      type == SSHKeyType.rsa
      ? .rsa(try Self.rsa(bytes, &reader)) : .ed25519(try Self.ed25519(bytes, &reader))
    _ = try reader.string(bytes)
    let padding = reader.rest(bytes)
    guard zip(padding, 1...).allSatisfy({ bytes[$0] == UInt8(truncatingIfNeeded: $1) }) else {
      throw SSHKeyError(.malformed, "the key's padding is wrong")
    }
    guard key.blob == publicBlob else { throw Self.mismatch }
    return key
  }

  /// The public key, then the seed and the public key once more.
  private static func ed25519(
    _ bytes: Span<UInt8>, _ reader: inout WireReader
  ) throws(SSHKeyError) -> Ed25519PrivateKey {
    let publicKey = try reader.string(bytes)
    let secret = bytes.extracting(try reader.string(bytes))
    guard secret.count == 2 * Ed25519PrivateKey.size else {
      throw SSHKeyError(.malformed, "the private key has the wrong length")
    }
    let key = try Ed25519PrivateKey(seed: secret.extracting(..<Ed25519PrivateKey.size))
    guard bytes.extracting(publicKey).isEqual(key.publicKey),
      secret.extracting(Ed25519PrivateKey.size...).isEqual(key.publicKey)
    else { throw mismatch }
    return key
  }

  /// The numbers n, e, d, the inverse of q modulo p, p and q.
  private static func rsa(
    _ bytes: Span<UInt8>, _ reader: inout WireReader
  ) throws(SSHKeyError) -> RSAPrivateKey {
    let modulus = try reader.positive(bytes)
    let publicExponent = try reader.positive(bytes)
    let exponent = try reader.positive(bytes)
    let coefficient = try reader.positive(bytes)
    let firstPrime = try reader.positive(bytes)
    let secondPrime = try reader.positive(bytes)
    return try RSAPrivateKey(
      bytes,
      .init(
        modulus: modulus, publicExponent: publicExponent, exponent: exponent,
        firstPrime: firstPrime, secondPrime: secondPrime, coefficient: coefficient))
  }

  private static var mismatch: SSHKeyError {
    SSHKeyError(.malformed, "the private key does not belong to the public key beside it")
  }
}
