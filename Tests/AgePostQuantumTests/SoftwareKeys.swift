import Age
import Crypto
import Foundation
import SecretMemory

/// The private half of a tagged recipient in software, where hardware would be, written after the specifications.
protocol SoftwareKey: Identity {
  static var stanzaType: String { get }
  static var info: String { get }
  static var shareSize: Int { get }
  /// The point of P-256 as the recipient has it.
  var point: [UInt8] { get }
  /// HPKE's OpenBase.
  func open(_ share: [UInt8], _ body: [UInt8], info: [UInt8]) throws -> [UInt8]
}

extension SoftwareKey {
  var name: String { "a key in software (\(Self.stanzaType))" }

  func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    files.map { stanzas in
      Unwrapping(stanzas) { stanza throws(AgeError) in
        guard stanza.type == Self.stanzaType else { return nil }
        try stanza.requireShape(arguments: 2)
        let share = try stanza.bytes(ofArgument: 1, count: Self.shareSize)
        guard try stanza.bytes(ofArgument: 0, count: 4) == tag(of: share) else { return nil }
        do {
          let clear = try open(share, stanza.body, info: Array(Self.info.utf8))
          return try FileKey(SecretBytes(copying: clear))
        } catch {
          throw AgeError(.header, "\(error)")
        }
      }
    }
  }

  func tag(of share: [UInt8]) -> [UInt8] {
    let salt = Data(Self.info.utf8)
    let name = SHA256.hash(data: point).prefix(4)
    let key = Crypto.HKDF<SHA256>.extract(
      inputKeyMaterial: SymmetricKey(data: share + name), salt: salt)
    return Array(key.prefix(4))
  }
}

/// A key of P-256.
struct SoftwareTagged: SoftwareKey {
  static let stanzaType = "p256tag"
  static let info = "age-encryption.org/p256tag"
  static let shareSize = 65

  let key: P256.KeyAgreement.PrivateKey

  var point: [UInt8] { Array(key.publicKey.compressedRepresentation) }
  var recipient: String { Bech32.encode(point.span, prefix: "age1tag") }

  func open(_ share: [UInt8], _ body: [UInt8], info: [UInt8]) throws -> [UInt8] {
    let suite = HPKE.Ciphersuite(kem: .P256_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .chaChaPoly)
    var recipient = try HPKE.Recipient(
      privateKey: key, ciphersuite: suite, info: Data(info), encapsulatedKey: Data(share))
    return Array(try recipient.open(body))
  }
}

/// A key of ML-KEM-768 and one of P-256.
struct SoftwareTaggedHybrid: SoftwareKey {
  static let stanzaType = "mlkem768p256tag"
  static let info = "age-encryption.org/mlkem768p256tag"
  static let shareSize = 1153
  private static let suite = Array("HPKE".utf8) + [0x00, 0x50, 0x00, 0x01, 0x00, 0x03]

  let lattice: MLKEM768.PrivateKey
  let curve: P256.KeyAgreement.PrivateKey

  var point: [UInt8] { Array(curve.publicKey.x963Representation) }
  var bytes: [UInt8] { Array(lattice.publicKey.rawRepresentation) + point }
  var recipient: String { Bech32.encode(bytes.span, prefix: "age1tagpq") }

  func open(_ share: [UInt8], _ body: [UInt8], info: [UInt8]) throws -> [UInt8] {
    try open(body, sharedSecret(with: share), info)
  }

  /// The mechanism's Decap.
  func sharedSecret(with share: [UInt8]) throws -> [UInt8] {
    let first = try lattice.decapsulate(Data(share.prefix(1088)))
    let theirs = Array(share.dropFirst(1088))
    let second = try curve.sharedSecretFromKeyAgreement(
      with: P256.KeyAgreement.PublicKey(x963Representation: theirs))
    let secret = SHA3_256.hash(
      data: bytes(of: first) + bytes(of: second) + theirs + point + Array("MLKEM768-P256".utf8))
    return Array(secret)
  }

  /// RFC 9180, Section 5.1, in base mode.
  private func open(_ body: [UInt8], _ sharedSecret: [UInt8], _ info: [UInt8]) throws -> [UInt8] {
    let context = [0] + extract([], "psk_id_hash", []) + extract([], "info_hash", info)
    let secret = extract(sharedSecret, "secret", [])
    let box = try ChaChaPoly.SealedBox(
      nonce: .init(data: expand(secret, "base_nonce", context, 12)),
      ciphertext: body.dropLast(16), tag: body.suffix(16))
    let key = SymmetricKey(data: expand(secret, "key", context, 32))
    return Array(try ChaChaPoly.open(box, using: key))
  }

  private func extract(_ salt: [UInt8], _ label: String, _ input: [UInt8]) -> [UInt8] {
    let message = Array("HPKE-v1".utf8) + Self.suite + Array(label.utf8) + input
    return bytes(
      of: Crypto.HKDF<SHA256>.extract(
        inputKeyMaterial: SymmetricKey(data: message), salt: salt))
  }

  private func expand(
    _ secret: [UInt8], _ label: String, _ info: [UInt8], _ count: Int
  ) -> [UInt8] {
    let message =
      [0, UInt8(count)] + Array("HPKE-v1".utf8) + Self.suite + Array(label.utf8) + info
    return bytes(
      of: Crypto.HKDF<SHA256>.expand(
        pseudoRandomKey: secret, info: message, outputByteCount: count))
  }

  private func bytes(of secret: some ContiguousBytes) -> [UInt8] {
    unsafe secret.withUnsafeBytes { unsafe Array($0) }
  }
}
