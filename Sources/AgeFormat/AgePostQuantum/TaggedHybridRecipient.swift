package import Age
import Crypto
import FoundationEssentials
import SecretMemory

/// A public key of ML-KEM-768 and P-256, `age1tagpq1…`, whose private half a piece of hardware keeps (Section "The tagged
/// recipient types").
///
/// This writes; a plugin reads.
package struct TaggedHybridRecipient: TaggingRecipient, Hashable, CustomStringConvertible {
  package static let prefix = "age1tagpq"
  private static let stanzaType = "mlkem768p256tag"
  private static let info = "age-encryption.org/mlkem768p256tag"
  private static let mechanism: UInt16 = 0x0050
  /// What the combined secret is bound to, beside its parts.
  private static let label = "MLKEM768-P256"
  /// The number of bytes of a public key: 1,184 of ML-KEM-768, 65 of an uncompressed point of P-256.
  private static let size = 1249

  private let bytes: [UInt8]

  /// Reads the text form.
  ///
  /// - Throws: `AgeError` with the code `.recipient`.
  package init(_ text: String) throws(AgeError) {
    let operation = "read a tagged post-quantum recipient"
    bytes = try publicBytes(of: text, prefix: Self.prefix, count: Self.size, operation)
    try MLKEM768.requireKey(bytes[..<MLKEM768.keySize], operation)
    do { _ = try P256.KeyAgreement.PublicKey(x963Representation: point) } catch {
      throw AgeError(.recipient, "\(operation): its last 65 bytes are no point of P-256")
    }
  }

  /// The text form, 2,015 characters.
  package var description: String {
    Bech32.encode(bytes.span, prefix: Self.prefix)
  }

  private var point: [UInt8] { Array(bytes[MLKEM768.keySize...]) }

  /// The mechanism is MLKEM768-P256 (draft-ietf-hpke-pq-03, draft-irtf-cfrg-concrete-hybrid-kems-02).
  package func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    let key = try MLKEM768.requireKey(
      bytes[..<MLKEM768.keySize], "encrypt to \(shortened(description))")
    let encapsulation: KEM.EncapsulationResult
    do { encapsulation = try key.encapsulate() } catch {
      throw AgeError(.recipient, "encapsulate a key with ML-KEM-768: \(error)")
    }
    let encapsulated = try SecretBytes(copying: encapsulation.sharedSecret, count: 32)
    let agreement = try Agreement(with: point)
    let sharedSecret = try combine(encapsulated, agreement)
    let schedule = try KeySchedule(
      mechanism: Self.mechanism, sharedSecret: sharedSecret, info: Self.info)
    let stanza = Stanza(
      tagged: Self.stanzaType, share: Array(encapsulation.encapsulated) + agreement.share,
      key: point, salt: Self.info, body: schedule.seal(fileKey))
    return Wrapping([stanza], labels: [Wrapping.postQuantum])
  }

  package func isFor(_ stanza: Stanza) throws(AgeError) -> Bool {
    stanza.type == Self.stanzaType && stanza.hasTag(of: point, salt: Self.info)
  }

  /// Combines the secrets of the two mechanisms, with what the second binds: `SHA3-256(encapsulated || agreed || share ||
  /// point || label)`, 32 bytes.
  ///
  /// swift-crypto's hash keeps a state that is neither guarded nor wiped.
  private func combine(
    _ encapsulated: borrowing SecretBytes, _ agreement: borrowing Agreement
  ) throws(AgeError) -> SecretBytes {
    var hash = SHA3_256()
    unsafe encapsulated.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    unsafe agreement.secret.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    hash.update(data: agreement.share + point + Array(Self.label.utf8))
    return try SecretBytes(copying: hash.finalize(), count: SHA3_256.byteCount)
  }
}
