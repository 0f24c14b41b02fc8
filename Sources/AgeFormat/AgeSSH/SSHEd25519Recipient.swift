public import Age
import CLibsodium
import SecretMemory

/// An `ssh-ed25519` public key to encrypt to.
///
/// The stanza is `-> ssh-ed25519 TAG SHARE`: 4 bytes of the SHA-256 of the key, and an ephemeral X25519 share. The key
/// is converted to an X25519 point; the shared secret is multiplied by a tweak derived from the key, so that a wrap key
/// is bound to the Ed25519 key and not merely to the point.
public struct SSHEd25519Recipient: Recipient, SSHRecipient, Hashable, CustomStringConvertible {
  private static let info = "age-encryption.org/v1/ssh-ed25519"

  /// Type and 32 bytes.
  let blob: [UInt8]
  /// The key as an X25519 point.
  private let point: [UInt8]
  /// A scalar derived from `blob`.
  private let tweak: [UInt8]
  /// The first bytes of the key's hash, as they stand in a stanza.
  private let tag: String

  /// Reads a line of a `.pub`, `authorized_keys` or `known_hosts` file, or of `ssh-keyscan`'s output.
  ///
  /// - Throws: `SSHKeyError` with the code `.malformed`, or `.notSupported` for a key of another type.
  public init(_ line: String) throws(SSHKeyError) {
    try self.init(blob: SSHPublicKeyLine(line).blob)
  }

  /// Reads SSH's wire format.
  init(blob: [UInt8]) throws(SSHKeyError) {
    var reader = WireReader()
    let type = try reader.text(blob.span)
    guard type == SSHKeyType.ed25519 else {
      throw SSHKeyType.refusal(type, wanted: SSHKeyType.ed25519)
    }
    let key = try reader.string(blob.span)
    try reader.requireEnd(blob.span)
    self.blob = blob
    point = try Self.converted(Array(blob[key]))
    tweak = try Self.tweak(blob)
    tag = SSHTag.of(blob)
  }

  /// The X25519 point of an Ed25519 key; libsodium refuses points of low order and outside of the main subgroup.
  private static func converted(_ key: [UInt8]) throws(SSHKeyError) -> [UInt8] {
    guard key.count == Int(crypto_sign_ed25519_PUBLICKEYBYTES) else {
      throw SSHKeyError(.malformed, "the key has \(key.count) bytes and not 32")
    }
    var point = [UInt8](repeating: 0, count: Curve25519.size)
    guard unsafe crypto_sign_ed25519_pk_to_curve25519(&point, key) == 0 else {
      throw SSHKeyError(.malformed, "the key is not a point of the curve that can be encrypted to")
    }
    return point
  }

  private static func tweak(_ blob: [UInt8]) throws(SSHKeyError) -> [UInt8] {
    do {
      let nothing = try SecretBytes(count: 0)
      return try HKDF.derive(from: nothing, salt: blob, info: info).withSpan { span in
        span.indices.map { span[$0] }
      }
    } catch {
      throw SSHKeyError(.memory, "\(error)")
    }
  }

  var keyType: String { SSHKeyType.ed25519 }

  /// The line that stands for the key: type and base64.
  public var description: String { line }

  /// The age recipient that the key stands for: whoever has the private key has that one's, too.
  public var x25519Recipient: X25519Recipient { X25519Recipient(point: point) }

  public func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    let secret = try guarding { () throws(SecretMemoryError) in
      try SecretBytes.random(count: Curve25519.size)
    }
    let share = Curve25519.publicKey(of: secret)
    guard let wrapKey = try wrapKey(secret, point, share: share) else {
      throw AgeError(.recipient, "encrypt to \(self): the key is a point of low order")
    }
    let argument = String(decoding: Base64.encode(share.span), as: UTF8.self)
    return Wrapping([
      Stanza(
        type: keyType, arguments: [tag, argument], body: fileKey.sealed(under: wrapKey))
    ])
  }

  package func isFor(_ stanza: Stanza) throws(AgeError) -> Bool {
    guard stanza.type == keyType else { return false }
    try stanza.requireShape(arguments: 2)
    _ = try stanza.bytes(ofArgument: 0, count: SSHTag.size)
    _ = try stanza.bytes(ofArgument: 1, count: Curve25519.size)
    return stanza.arguments[0] == tag
  }

  /// Unwraps a stanza that is for this key, with its secret scalar.
  func unwrap(_ stanza: Stanza, _ scalar: borrowing SecretBytes) throws(AgeError) -> FileKey {
    let share = try stanza.bytes(ofArgument: 1, count: Curve25519.size)
    guard let wrapKey = try wrapKey(scalar, share, share: share) else {
      throw AgeError(.header, "ssh-ed25519 stanza has a share of low order")
    }
    guard let fileKey = try FileKey.opened(stanza.body, under: wrapKey) else {
      throw AgeError(
        .header, "ssh-ed25519 stanza is for this key and damaged: its body does not open")
    }
    return fileKey
  }

  /// The wrap key between one side's secret scalar and the other's point; `nil` where a point is of low order.
  private func wrapKey(
    _ scalar: borrowing SecretBytes, _ other: [UInt8], share: [UInt8]
  ) throws(AgeError) -> SecretBytes? {
    guard let untweaked = try Curve25519.multiply(scalar, other.span) else { return nil }
    let shared = try untweaked.withSpan { untweaked throws(AgeError) in
      try Curve25519.multiply(tweak.span, untweaked)
    }
    guard let shared else { return nil }
    return try HKDF.derive(from: shared, salt: share + point, info: Self.info)
  }
}
