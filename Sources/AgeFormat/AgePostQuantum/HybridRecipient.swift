package import Age
import Crypto
import FoundationEssentials
package import SecretMemory

/// A public key of ML-KEM-768 and X25519, `age1pq1…` (Section "The MLKEM768-X25519 (i.e. X-Wing) hybrid post-quantum
/// recipient type").
package struct HybridRecipient: Recipient, Hashable, CustomStringConvertible {
  package static let prefix = "age1pq"
  /// The number of bytes of a public key: 1,184 of ML-KEM-768, 32 of X25519.
  static let size = 1216
  fileprivate static let stanzaType = "mlkem768x25519"
  fileprivate static let info = "age-encryption.org/mlkem768x25519"
  /// The number of bytes of an encapsulated key: 1,088 of ML-KEM-768, 32 of X25519.
  fileprivate static let encapsulatedSize = 1120
  fileprivate static let mechanism: UInt16 = 0x647a

  private let bytes: [UInt8]

  /// Takes a public key of `size` bytes that was computed from a private one.
  fileprivate init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads the text form.
  ///
  /// - Throws: `AgeError` with the code `.recipient`.
  package init(_ text: String) throws(AgeError) {
    bytes = try publicBytes(
      of: text, prefix: Self.prefix, count: Self.size, "read a post-quantum recipient")
    try MLKEM768.requireKey(bytes[..<MLKEM768.keySize], "read a post-quantum recipient")
  }

  /// The text form, 1,959 characters.
  package var description: String {
    Bech32.encode(bytes.span, prefix: Self.prefix)
  }

  package func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    let encapsulation: KEM.EncapsulationResult
    do {
      encapsulation = try XWingMLKEM768X25519.PublicKey(rawRepresentation: bytes).encapsulate()
    } catch {
      throw AgeError(
        .recipient, "encrypt to \(shortened(description)): its X25519 key is a point of low order")
    }
    let sharedSecret = try SecretBytes(copying: encapsulation.sharedSecret, count: 32)
    let schedule = try KeySchedule(
      mechanism: Self.mechanism, sharedSecret: sharedSecret, info: Self.info)
    let share = Base64.encode(Array(encapsulation.encapsulated).span)
    let stanza = Stanza(
      type: Self.stanzaType, arguments: [String(decoding: share, as: UTF8.self)],
      body: schedule.seal(fileKey))
    return Wrapping([stanza], labels: [Wrapping.postQuantum])
  }
}

/// A private key of ML-KEM-768 and X25519, `AGE-SECRET-KEY-PQ-1…`: 32 bytes that both keys are expanded from.
///
/// The 32 bytes lie in guarded memory. What they expand to does not, and is not wiped: swift-crypto keeps the expanded
/// key in memory of its own, as long as `unwrap` runs. The secrets that it shares with a sender are not guarded there
/// either, but wiped.
package final class HybridIdentity: Identity {
  package static let prefix = "age-secret-key-pq-"
  /// The type of the stanzas that it unwraps.
  package static let type = HybridRecipient.stanzaType
  private static let size = 32

  /// The public key.
  package let recipient: HybridRecipient
  private let seed: SecretBytes

  /// Makes a new one at random.
  package convenience init() throws(AgeError) {
    let seed = try guarding { () throws(SecretMemoryError) in
      try SecretBytes.random(count: Self.size)
    }
    try self.init(seed: seed)
  }

  /// Reads the text form.
  ///
  /// - Throws: `AgeError` with the code `.identity`, which repeats no part of the text.
  package convenience init(_ text: Span<UInt8>) throws(AgeError) {
    let seed: SecretBytes
    do {
      seed = try Bech32.decode(text, prefix: Self.prefix, count: Self.size)
    } catch {
      throw error.asAgeError(.identity, "read a post-quantum identity")
    }
    try self.init(seed: seed)
  }

  private init(seed: consuming SecretBytes) throws(AgeError) {
    let key = try Self.expand(seed)
    recipient = HybridRecipient(bytes: Array(key.publicKey.rawRepresentation))
    self.seed = seed
  }

  package var name: String { shortened(recipient.description) }

  /// The text form, 77 characters in upper case.
  package func encoded() throws(AgeError) -> SecretBytes {
    try seed.withSpan { span throws(AgeError) in
      try Bech32.encodeSecret(span, prefix: Self.prefix)
    }
  }

  package func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    // Expanding the key costs as much as using it once.
    guard files.contains(where: { $0.contains { $0.type == Self.type } }) else {
      return files.map { _ in .notMine }
    }
    let key: XWingMLKEM768X25519.PrivateKey
    do { key = try Self.expand(seed) } catch { return files.map { _ in .refused(error) } }
    return inParallel(files) { stanzas in
      Unwrapping(ofMany: stanzas) { stanza throws(AgeError) in try Self.unwrap(stanza, key) }
    }
  }

  package func recipients() throws(AgeError) -> [any Recipient] { [recipient] }

  /// Unwraps a stanza; `nil` is a stanza of somebody else's.
  private static func unwrap(
    _ stanza: Stanza, _ key: XWingMLKEM768X25519.PrivateKey
  ) throws(AgeError) -> FileKey? {
    guard stanza.type == type else { return nil }
    try stanza.requireShape(arguments: 1)
    let share = try stanza.bytes(ofArgument: 0, count: HybridRecipient.encapsulatedSize)
    let decapsulated: SymmetricKey
    do {
      decapsulated = try key.decapsulate(Data(share))
    } catch {
      // ML-KEM takes any share of the right size; of a wrong one it makes a key that opens nothing.
      throw AgeError(.header, "\(type) stanza has a share of low order")
    }
    let sharedSecret = try SecretBytes(copying: decapsulated, count: 32)
    let schedule = try KeySchedule(
      mechanism: HybridRecipient.mechanism, sharedSecret: sharedSecret, info: HybridRecipient.info)
    return try schedule.open(stanza.body)
  }

  private static func expand(
    _ seed: borrowing SecretBytes
  ) throws(AgeError) -> XWingMLKEM768X25519.PrivateKey {
    do {
      return unsafe try seed.withUnsafeBytes { seed in
        unsafe try XWingMLKEM768X25519.PrivateKey(seedRepresentation: seed, publicKey: nil)
      }
    } catch {
      throw AgeError(.identity, "expand a post-quantum identity: \(error)")
    }
  }
}
