import SecretMemory

/// The form of RSA keys alone (PKCS #1: RFC 8017, Appendix A.1.2).
enum PKCS1 {
  static func key(_ bytes: borrowing SecretBytes) throws(SSHKeyError) -> RSAPrivateKey {
    try bytes.withSpan { bytes throws(SSHKeyError) in try key(bytes, bytes.indices) }
  }

  /// Reads a sequence: version, n, e, d, p, q, both exponents and the coefficient.
  static func key(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(SSHKeyError) -> RSAPrivateKey {
    var outer = DERReader(range)
    var reader = try outer.sequence(bytes)
    try outer.requireEnd()
    guard bytes.extracting(try reader.take(.integer, bytes)).isEqual([0]) else {
      throw SSHKeyError(.notSupported, "the RSA key has more than two primes")
    }
    let modulus = try reader.positive(bytes)
    let publicExponent = try reader.positive(bytes)
    let exponent = try reader.positive(bytes)
    let firstPrime = try reader.positive(bytes)
    let secondPrime = try reader.positive(bytes)
    let firstExponent = try reader.positive(bytes)
    let secondExponent = try reader.positive(bytes)
    let coefficient = try reader.positive(bytes)
    try reader.requireEnd()
    return try RSAPrivateKey(
      bytes,
      .init(
        modulus: modulus, publicExponent: publicExponent, exponent: exponent,
        firstPrime: firstPrime, secondPrime: secondPrime, firstExponent: firstExponent,
        secondExponent: secondExponent, coefficient: coefficient))
  }
}

/// The form for keys of any type (PKCS #8: RFC 5958, Section 2).
enum PKCS8 {
  /// rsaEncryption, 1.2.840.113549.1.1.1.
  private static let rsa: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]
  /// id-Ed25519, 1.3.101.112 (RFC 8410, Section 3).
  private static let ed25519: [UInt8] = [0x2b, 0x65, 0x70]
  /// id-ecPublicKey, 1.2.840.10045.2.1.
  private static let ecdsa: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]
  /// id-dsa, 1.2.840.10040.4.1.
  private static let dsa: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01]

  static func key(_ bytes: borrowing SecretBytes) throws(SSHKeyError) -> SSHPrivateKey {
    try bytes.withSpan { bytes throws(SSHKeyError) in try key(bytes) }
  }

  /// Reads a sequence: version, algorithm, the key in the algorithm's own form, attributes, the public key.
  private static func key(_ bytes: Span<UInt8>) throws(SSHKeyError) -> SSHPrivateKey {
    var outer = DERReader(bytes.indices)
    var reader = try outer.sequence(bytes)
    try outer.requireEnd()
    let version = bytes.extracting(try reader.take(.integer, bytes))
    guard version.isEqual([0]) || version.isEqual([1]) else { throw DERReader.malformed }
    var algorithm = try reader.sequence(bytes)
    let type = try algorithm.identifier(bytes)
    let key = try reader.take(.octets, bytes)
    _ = try reader.takeIfPresent(.attributes, bytes)
    let publicKey = try reader.takeIfPresent(.publicKey, bytes)
    try reader.requireEnd()
    switch type {
    case rsa:
      guard try algorithm.take(.null, bytes).isEmpty else { throw DERReader.malformed }
      try algorithm.requireEnd()
      return .rsa(try PKCS1.key(bytes, key))
    case ed25519:
      try algorithm.requireEnd()
      var inner = DERReader(key)
      let seed = try inner.take(.octets, bytes)
      try inner.requireEnd()
      let made = try Ed25519PrivateKey(seed: bytes.extracting(seed))
      // A bit string, whose first byte counts unused bits.
      guard publicKey.map({ bytes.extracting($0).isEqual([0] + made.publicKey) }) ?? true else {
        throw SSHKeyError(
          .malformed, "the private key does not belong to the public key beside it")
      }
      return .ed25519(made)
    case ecdsa: throw SSHKeyType.cannotEncrypt("ecdsa")
    case dsa: throw SSHKeyType.cannotEncrypt("dsa")
    default: throw SSHKeyType.refusal("")
    }
  }
}
