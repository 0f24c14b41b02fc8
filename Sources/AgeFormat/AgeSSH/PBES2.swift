import CLibcrypto
import CLibsodium
import SecretMemory

/// A private key in PKCS #8's encrypted form with a key derived from a password (RFC 8018, Section 6.2).
struct PBES2: ~Copyable {
  /// PBES2, 1.2.840.113549.1.5.13.
  private static let identifier: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d]

  private let bytes: SecretBytes
  private let sealed: Range<Int>
  private let derivation: Derivation
  private let cipher: CBC
  private let nonce: [UInt8]

  /// Reads a sequence: the scheme with its derivation and its cipher, the encrypted key.
  init(_ bytes: consuming SecretBytes) throws(SSHKeyError) {
    let parts = try bytes.withSpan { bytes throws(SSHKeyError) in try Parts(bytes) }
    sealed = parts.sealed
    derivation = parts.derivation
    cipher = parts.cipher
    nonce = parts.nonce
    self.bytes = bytes
  }

  private struct Parts {
    let sealed: Range<Int>
    let derivation: Derivation
    let cipher: CBC
    let nonce: [UInt8]

    init(_ bytes: Span<UInt8>) throws(SSHKeyError) {
      var outer = DERReader(bytes.indices)
      var reader = try outer.sequence(bytes)
      try outer.requireEnd()
      var algorithm = try reader.sequence(bytes)
      sealed = try reader.take(.octets, bytes)
      try reader.requireEnd()
      guard try algorithm.identifier(bytes) == PBES2.identifier else { throw CBC.unknown }
      var parameters = try algorithm.sequence(bytes)
      try algorithm.requireEnd()
      var derivationReader = try parameters.sequence(bytes)
      var cipherReader = try parameters.sequence(bytes)
      try parameters.requireEnd()
      let identifier = try cipherReader.identifier(bytes)
      guard let cipher = CBC.all.first(where: { $0.identifier == identifier }) else {
        throw CBC.unknown
      }
      nonce = bytes.extracting(try cipherReader.take(.octets, bytes)).copied
      try cipherReader.requireEnd()
      derivation = try Derivation(bytes, &derivationReader, keySize: cipher.keySize)
      self.cipher = cipher
      guard nonce.count == cipher.blockSize, !sealed.isEmpty,
        sealed.count.isMultiple(of: cipher.blockSize)
      else { throw DERReader.malformed }
    }
  }

  /// Decrypts the key; unless the padding tells, a wrong password gives nonsense.
  ///
  /// - Throws: `SSHKeyError` with the code `.wrongPassword` or `.memory`.
  func decrypted(_ password: borrowing SecretBytes) throws(SSHKeyError) -> SecretBytes {
    let key = try derivation.derive(password, count: cipher.keySize)
    return try cipher.decrypt(bytes, sealed, key: key, nonce: nonce)
  }
}

/// How a key is derived from a password, with a limit for the time and the memory that a file may ask for.
private enum Derivation {
  case pbkdf2(salt: [UInt8], iterations: UInt64, hash: StaticString)
  case scrypt(salt: [UInt8], cost: UInt64, blockSize: UInt32, parallelization: UInt32)

  /// PBKDF2 (RFC 8018, Appendix A.2), 1.2.840.113549.1.5.12.
  private static let pbkdf2Identifier: [UInt8] = [
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c,
  ]
  /// scrypt (RFC 7914, Section 7), 1.3.6.1.4.1.11591.4.11.
  private static let scryptIdentifier: [UInt8] = [
    0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b,
  ]
  /// HMAC with SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512: 1.2.840.113549.2 and these.
  private static let hashes: [UInt8: StaticString] = [
    7: "SHA1", 8: "SHA2-224", 9: "SHA2-256", 10: "SHA2-384", 11: "SHA2-512",
  ]
  private static let hmac: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02]

  /// A few seconds.
  private static let mostIterations = 5_000_000
  /// 512 MiB, and several seconds.
  private static let mostBlocks = 4 << 20

  init(
    _ bytes: Span<UInt8>, _ reader: inout DERReader, keySize: Int
  ) throws(SSHKeyError) {
    let identifier = try reader.identifier(bytes)
    var parameters = try reader.sequence(bytes)
    try reader.requireEnd()
    let salt = bytes.extracting(try parameters.take(.octets, bytes)).copied
    switch identifier {
    case Self.pbkdf2Identifier:
      let iterations = try parameters.number(bytes)
      guard iterations <= Self.mostIterations else { throw Self.tooMuch }
      try Self.takeKeySize(bytes, &parameters, keySize)
      let hash = try Self.hash(bytes, &parameters)
      self = .pbkdf2(salt: salt, iterations: UInt64(iterations), hash: hash)
    case Self.scryptIdentifier:
      let cost = try parameters.number(bytes)
      let blockSize = try parameters.number(bytes)
      let parallelization = try parameters.number(bytes)
      try Self.takeKeySize(bytes, &parameters, keySize)
      guard cost > 1, cost & (cost - 1) == 0 else { throw DERReader.malformed }
      let product = cost.multipliedReportingOverflow(by: blockSize)
      guard !product.overflow, product.partialValue <= Self.mostBlocks,
        parallelization <= Self.mostBlocks / product.partialValue
      else { throw Self.tooMuch }
      self = .scrypt(
        salt: salt, cost: UInt64(cost), blockSize: UInt32(blockSize),
        parallelization: UInt32(parallelization))
    default: throw CBC.unknown
    }
    try parameters.requireEnd()
  }

  /// Takes the size of the key, which need not stand there but must be right.
  private static func takeKeySize(
    _ bytes: Span<UInt8>, _ reader: inout DERReader, _ size: Int
  ) throws(SSHKeyError) {
    guard let given = try reader.takeIfPresent(.integer, bytes) else { return }
    guard bytes.extracting(given).isEqual([UInt8(size)]) else { throw DERReader.malformed }
  }

  /// Takes the hash, which is SHA-1 if none stands there.
  private static func hash(
    _ bytes: Span<UInt8>, _ reader: inout DERReader
  ) throws(SSHKeyError) -> StaticString {
    guard let range = try reader.takeIfPresent(.sequence, bytes) else { return "SHA1" }
    var algorithm = DERReader(range)
    let identifier = try algorithm.identifier(bytes)
    _ = try algorithm.takeIfPresent(.null, bytes)
    try algorithm.requireEnd()
    guard identifier.dropLast() == hmac[...], let last = identifier.last, let hash = hashes[last]
    else { throw CBC.unknown }
    return hash
  }

  private static var tooMuch: SSHKeyError {
    SSHKeyError(
      .notSupported, "the key's derivation takes more time or memory than the limit",
      hint: "`ssh-keygen -p -f FILE` protects it anew")
  }

  func derive(
    _ password: borrowing SecretBytes, count: Int
  ) throws(SSHKeyError) -> SecretBytes {
    var key = try guardingKey { () throws(SecretMemoryError) in try SecretBytes(count: count) }
    let isDerived = unsafe try key.withUnsafeMutableBytes { key throws(SSHKeyError) in
      unsafe try password.withUnsafeBytes { password throws(SSHKeyError) in
        unsafe try derive(password, into: key)
      }
    }
    guard isDerived else {
      throw SSHKeyError(.memory, "derive a key from the password: there is not enough memory")
    }
    return key
  }

  private func derive(
    _ password: UnsafeRawBufferPointer, into key: UnsafeMutableRawBufferPointer
  ) throws(SSHKeyError) -> Bool {
    let output = unsafe key.assumingMemoryBound(to: UInt8.self).baseAddress!
    switch self {
    case .scrypt(let salt, let cost, let blockSize, let parallelization):
      return unsafe crypto_pwhash_scryptsalsa208sha256_ll(
        password.assumingMemoryBound(to: UInt8.self).baseAddress!, password.count, salt,
        salt.count, cost, blockSize, parallelization, output, key.count) == 0
    case .pbkdf2(let salt, var iterations, let hash):
      let function = unsafe EVP_KDF_fetch(try openSSL(), "PBKDF2", nil)
      defer { unsafe EVP_KDF_free(function) }
      let context = unsafe EVP_KDF_CTX_new(function)
      defer { unsafe EVP_KDF_CTX_free(context) }
      let status = unsafe salt.withUnsafeBytes { salt in
        unsafe withUnsafeMutablePointer(to: &iterations) { iterations in
          let parameters = unsafe [
            Parameter.bytes("pass", password), Parameter.bytes("salt", salt),
            OSSL_PARAM_construct_uint64("iter", iterations), Parameter.text("digest", hash),
            OSSL_PARAM_construct_end(),
          ]
          return unsafe EVP_KDF_derive(context, output, key.count, parameters)
        }
      }
      if status != 1 { ERR_clear_error() }
      return status == 1
    }
  }
}
