package import Age
import Crypto
import FoundationEssentials
import SecretMemory

/// A public key of P-256, `age1tag1…`, whose private half a piece of hardware keeps (Section "The tagged recipient
/// types").
///
/// This writes; a plugin reads. It does not withstand quantum computers: see `TaggedHybridRecipient`.
package struct TaggedRecipient: TaggingRecipient, Hashable, CustomStringConvertible {
  package static let prefix = "age1tag"
  private static let stanzaType = "p256tag"
  private static let info = "age-encryption.org/p256tag"
  private static let mechanism: UInt16 = 0x0010
  /// The number of bytes of a compressed point.
  private static let size = 33

  /// The point, compressed: 33 bytes.
  private let bytes: [UInt8]
  /// The point, uncompressed: 65 bytes.
  private let point: [UInt8]

  /// Reads the text form.
  ///
  /// - Throws: `AgeError` with the code `.recipient`.
  package init(_ text: String) throws(AgeError) {
    bytes = try publicBytes(
      of: text, prefix: Self.prefix, count: Self.size, "read a tagged recipient")
    do {
      point = Array(
        try P256.KeyAgreement.PublicKey(compressedRepresentation: bytes).x963Representation)
    } catch {
      throw AgeError(.recipient, "read a tagged recipient: its bytes are no point of P-256")
    }
  }

  /// The text form, 67 characters.
  package var description: String {
    Bech32.encode(bytes.span, prefix: Self.prefix)
  }

  package func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    let agreement = try Agreement(with: point)
    // DHKEM (RFC 9180, Section 4.1).
    let derivation = LabeledDerivation(suite: Array("KEM".utf8) + bigEndian(Self.mechanism))
    let extracted = try agreement.secret.withSpan { agreed throws(AgeError) in
      try derivation.extract("eae_prk", agreed)
    }
    let sharedSecret = try derivation.expand(
      extracted, "shared_secret", agreement.share + point, count: 32)
    let schedule = try KeySchedule(
      mechanism: Self.mechanism, sharedSecret: sharedSecret, info: Self.info)
    return Wrapping([
      Stanza(
        tagged: Self.stanzaType, share: agreement.share, key: bytes, salt: Self.info,
        body: schedule.seal(fileKey))
    ])
  }

  package func isFor(_ stanza: Stanza) throws(AgeError) -> Bool {
    stanza.type == Self.stanzaType && stanza.hasTag(of: bytes, salt: Self.info)
  }
}

/// A secret agreed on with the holder of a point of P-256.
struct Agreement: ~Copyable {
  /// The point of the key that was made for it, uncompressed: 65 bytes.
  let share: [UInt8]
  /// The x-coordinate of both keys' product: 32 bytes.
  let secret: SecretBytes

  /// Makes a key and agrees.
  init(with point: [UInt8]) throws(AgeError) {
    let key = P256.KeyAgreement.PrivateKey()
    let agreed: SharedSecret
    do {
      agreed = try key.sharedSecretFromKeyAgreement(
        with: P256.KeyAgreement.PublicKey(x963Representation: point))
    } catch {
      throw AgeError(.recipient, "agree on a secret with a key of P-256: \(error)")
    }
    let secret = try SecretBytes(copying: agreed, count: 32)
    share = Array(key.publicKey.x963Representation)
    self.secret = secret
  }
}

extension Stanza {
  /// Makes a tagged stanza: the arguments are a tag of 4 bytes and the encapsulated key.
  ///
  /// The tag lets a holder of the public key, and nobody else, tell that the stanza is for it, without asking the
  /// hardware: `HKDF-Extract(ikm = share || SHA-256(key)[:4], salt)[:4]`, where `key` is the point as the recipient has it.
  init(tagged type: String, share: [UInt8], key: [UInt8], salt: String, body: [UInt8]) {
    let arguments = [Self.tag(of: share, key: key, salt: salt), share].map {
      String(decoding: Base64.encode($0.span), as: UTF8.self)
    }
    self.init(type: type, arguments: arguments, body: body)
  }

  private static func tag(of share: [UInt8], key: [UInt8], salt: String) -> [UInt8] {
    let name = SHA256.hash(data: key).prefix(4)
    let code = Crypto.HMAC<SHA256>.authenticationCode(
      for: share + name, using: SymmetricKey(data: Array(salt.utf8)))
    return Array(code.prefix(4))
  }

  /// Whether a tagged stanza's tag is that of a key.
  func hasTag(of key: [UInt8], salt: String) -> Bool {
    let decoded = arguments.compactMap { Base64.decode(Array($0.utf8).span) }
    guard arguments.count == 2, decoded.count == 2 else { return false }
    return decoded[0] == Self.tag(of: decoded[1], key: key, salt: salt)
  }
}
