/// An RSA public key (RFC 4253, Section 6.6: `string "ssh-rsa"`, `mpint e`, `mpint n`).
struct RSAPublicKey: Hashable {
  /// The sizes of moduli, in bits: smaller ones are within reach of factoring, larger ones OpenSSL refuses.
  static let sizes = 2048...16384
  /// The most bytes of an exponent; nearly all are 65537.
  private static let exponentLimit = 4

  /// Big endian, without a sign byte.
  let modulus: [UInt8]
  /// Big endian, without a sign byte.
  let exponent: [UInt8]

  /// Takes both numbers, big endian and without leading zeroes.
  ///
  /// - Throws: `SSHKeyError` with the code `.notSupported` for a size that is refused, or `.malformed`.
  init(modulus: Span<UInt8>, exponent: Span<UInt8>) throws(SSHKeyError) {
    let bits = modulus.isEmpty ? 0 : modulus.count * 8 - modulus[0].leadingZeroBitCount
    guard Self.sizes ~= bits else {
      throw SSHKeyError(
        .notSupported,
        "the RSA key has \(bits) bits and not from \(Self.sizes.lowerBound) to \(Self.sizes.upperBound)",
        hint: "make another key: `ssh-keygen -t ed25519`")
    }
    guard modulus[modulus.count - 1] & 1 == 1 else {
      throw SSHKeyError(.malformed, "the RSA key has an even modulus")
    }
    guard 1...Self.exponentLimit ~= exponent.count, exponent[exponent.count - 1] & 1 == 1,
      !exponent.isEqual([1])
    else { throw SSHKeyError(.malformed, "the RSA key has an exponent that nobody uses") }
    self.modulus = modulus.copied
    self.exponent = exponent.copied
  }

  /// Reads SSH's wire format.
  init(blob: Span<UInt8>) throws(SSHKeyError) {
    var reader = WireReader()
    let type = try reader.text(blob)
    guard type == SSHKeyType.rsa else { throw SSHKeyType.refusal(type, wanted: SSHKeyType.rsa) }
    let exponent = try reader.positive(blob)
    let modulus = try reader.positive(blob)
    try reader.requireEnd(blob)
    try self.init(modulus: blob.extracting(modulus), exponent: blob.extracting(exponent))
  }

  /// The key in SSH's wire format.
  var blob: [UInt8] {
    WireWriter.bytes(of: [
      Array(SSHKeyType.rsa.utf8), WireWriter.number(exponent), WireWriter.number(modulus),
    ])
  }

  /// The number of bytes of the modulus, and of what is encrypted.
  var size: Int { modulus.count }
}
