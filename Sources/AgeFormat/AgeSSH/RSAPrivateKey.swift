import SecretMemory

/// An RSA private key (RFC 8017, Section 3.2), whose numbers were found to belong together.
struct RSAPrivateKey: ~Copyable {
  /// Where the numbers of a file lie, big endian; OpenSSH's format lacks two of them.
  struct Numbers {
    var modulus: Range<Int>
    var publicExponent: Range<Int>
    var exponent: Range<Int>
    var firstPrime: Range<Int>
    var secondPrime: Range<Int>
    var firstExponent: Range<Int>?
    var secondExponent: Range<Int>?
    var coefficient: Range<Int>
  }

  /// The names that OpenSSL has for the secret numbers, in the order in which they are kept.
  static let names: [StaticString] = [
    "d", "rsa-factor1", "rsa-factor2", "rsa-exponent1", "rsa-exponent2", "rsa-coefficient1",
  ]

  let publicKey: RSAPublicKey
  /// The numbers of `names`, little endian, each in as many bytes as the modulus has.
  let numbers: SecretBytes

  /// Takes the numbers of a file and checks them: n = p·q, d·e = 1 modulo p − 1 and q − 1, and what is derived from these.
  ///
  /// That the primes are prime is not checked, which would take longer than using them.
  ///
  /// - Throws: `SSHKeyError` with the code `.malformed`, `.notSupported` (its size) or `.memory`.
  init(_ bytes: Span<UInt8>, _ numbers: Numbers) throws(SSHKeyError) {
    let publicKey = try RSAPublicKey(
      modulus: bytes.extracting(numbers.modulus),
      exponent: bytes.extracting(numbers.publicExponent))
    let e = try BigNumber(bytes.extracting(numbers.publicExponent))
    let d = try BigNumber(bytes.extracting(numbers.exponent))
    let p = try BigNumber(bytes.extracting(numbers.firstPrime))
    let q = try BigNumber(bytes.extracting(numbers.secondPrime))
    let coefficient = try BigNumber(bytes.extracting(numbers.coefficient))
    let product = try p.times(q)
    guard try product == BigNumber(bytes.extracting(numbers.modulus)) else { throw Self.mismatch }
    let first = try Self.exponent(d, e, p, bytes, numbers.firstExponent)
    let second = try Self.exponent(d, e, q, bytes, numbers.secondExponent)
    let one = try coefficient.times(q).modulo(p)
    guard one.isOne, coefficient < p else { throw Self.mismatch }

    let size = publicKey.size
    var kept = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(count: Self.names.count * size)
    }
    let isWritten = unsafe kept.withUnsafeMutableBytes { kept in
      unsafe d.write(to: kept, 0, size) && p.write(to: kept, 1, size)
        && q.write(to: kept, 2, size) && first.write(to: kept, 3, size)
        && second.write(to: kept, 4, size) && coefficient.write(to: kept, 5, size)
    }
    guard isWritten else { throw Self.mismatch }
    self.publicKey = publicKey
    self.numbers = kept
  }

  /// The private exponent modulo a prime less one, which the file may have, too.
  private static func exponent(
    _ d: borrowing BigNumber, _ e: borrowing BigNumber, _ prime: borrowing BigNumber,
    _ bytes: Span<UInt8>, _ given: Range<Int>?
  ) throws(SSHKeyError) -> BigNumber {
    let order = try prime.minusOne()
    let exponent = try d.modulo(order)
    let one = try exponent.times(e).modulo(order)
    guard one.isOne else { throw mismatch }
    if let given {
      guard try exponent == BigNumber(bytes.extracting(given)) else { throw mismatch }
    }
    return exponent
  }

  private static var mismatch: SSHKeyError {
    SSHKeyError(.malformed, "the numbers of the private key do not belong together")
  }
}
