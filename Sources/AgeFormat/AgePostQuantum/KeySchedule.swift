import Age
import SecretMemory

/// The key of one message in HPKE's base mode, with HKDF-SHA256, ChaCha20-Poly1305 and no associated data (RFC 9180,
/// Sections 5.1 and 6.1).
///
/// swift-crypto's HPKE would do for two of the three mechanisms here; but it hands out the file key in memory that is
/// neither guarded nor wiped, and it cannot be given a mechanism of one's own, which the third is.
struct KeySchedule: ~Copyable {
  private let key: SecretBytes
  private let nonce: [UInt8]

  /// Derives the key.
  ///
  /// - Parameters:
  ///   - mechanism: the number of the key encapsulation mechanism that the shared secret of 32 bytes is from.
  ///   - info: what the application binds the key to.
  init(
    mechanism: UInt16, sharedSecret: borrowing SecretBytes, info: String
  ) throws(AgeError) {
    let derivation = LabeledDerivation(
      suite: Array("HPKE".utf8) + bigEndian(mechanism) + bigEndian(1) + bigEndian(3))
    // The number of the base mode, then hashes of no pre-shared key's name and of `info`.
    var context: [UInt8] = [0]
    for (label, input) in [("psk_id_hash", ""), ("info_hash", info)] {
      let hash = try derivation.extract(label, Array(input.utf8).span)
      context += hash.bytes
    }
    // There is no pre-shared key.
    let secret = try derivation.extract("secret", salt: sharedSecret)
    let nonce = try derivation.expand(
      secret, "base_nonce", context, count: ChaCha20Poly1305.nonceSize)
    let key = try derivation.expand(secret, "key", context, count: 32)
    self.nonce = nonce.bytes
    self.key = key
  }

  /// Seals a file key; a second one must not be.
  consuming func seal(_ fileKey: FileKey) -> [UInt8] {
    fileKey.sealed(under: key, nonce: nonce)
  }

  /// Opens the body of a stanza, which must have 32 bytes; the wrong key is `nil`.
  func open(_ body: [UInt8]) throws(AgeError) -> FileKey? {
    try FileKey.opened(body, under: key, nonce: nonce)
  }
}

/// The labelled derivation of keys over HKDF-SHA256 (RFC 9180, Section 4).
struct LabeledDerivation {
  private static let version = Array("HPKE-v1".utf8)
  private let prefix: [UInt8]

  init(suite: [UInt8]) {
    prefix = Self.version + suite
  }

  /// Extracts 32 bytes from an input that may be secret, with no salt.
  func extract(_ label: String, _ input: Span<UInt8>) throws(AgeError) -> SecretBytes {
    let message = try guarding { () throws(SecretMemoryError) in
      var message = try SecretBuffer(
        capacity: prefix.count + label.utf8.count + input.count, locking: .required)
      try message.append((prefix + Array(label.utf8)).span)
      try message.append(input)
      return message.finish()
    }
    // No salt is one of zeroes (RFC 5869, Section 2.2).
    let salt = [UInt8](repeating: 0, count: HMAC.size)
    return try message.withSpan { message throws(AgeError) in
      try HMAC.secret(of: message, key: salt.span)
    }
  }

  /// Extracts 32 bytes from no input, with a secret salt.
  func extract(_ label: String, salt: borrowing SecretBytes) throws(AgeError) -> SecretBytes {
    let message = prefix + Array(label.utf8)
    return try salt.withSpan { salt throws(AgeError) in
      try HMAC.secret(of: message.span, key: salt)
    }
  }

  /// Expands a secret to at most 32 bytes: one block, whose number is one.
  func expand(
    _ secret: borrowing SecretBytes, _ label: String, _ info: [UInt8], count: Int
  ) throws(AgeError) -> SecretBytes {
    let message = bigEndian(UInt16(count)) + prefix + Array(label.utf8) + info + [1]
    var block = try secret.withSpan { secret throws(AgeError) in
      try HMAC.secret(of: message.span, key: secret)
    }
    block.truncate(to: count)
    return block
  }
}

/// A number in two bytes.
func bigEndian(_ number: UInt16) -> [UInt8] {
  [UInt8(number >> 8), UInt8(number & 0xff)]
}

extension SecretBytes {
  /// A copy of bytes that turned out not to be secret.
  fileprivate var bytes: [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }
}
