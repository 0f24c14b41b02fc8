public import SecretMemory

/// An X25519 public key, `age1…` (Section "The X25519 recipient type").
public struct X25519Recipient: Recipient, Hashable, CustomStringConvertible {
  static let prefix = "age"
  fileprivate static let stanzaType = "X25519"
  fileprivate static let info = "age-encryption.org/v1/X25519"

  private let point: [UInt8]

  /// Takes the point, 32 bytes.
  package init(point: [UInt8]) {
    self.point = point
  }

  /// Reads the text form.
  ///
  /// - Throws: `AgeError` with the code `.recipient`.
  public init(_ text: String) throws(AgeError) {
    do {
      point = try Bech32.decode(Array(text.utf8).span, prefix: Self.prefix, count: Curve25519.size)
        .withSpan { span in span.indices.map { span[$0] } }
    } catch {
      throw error.asAgeError(.recipient, "read an X25519 recipient")
    }
  }

  /// The text form, 62 characters.
  public var description: String {
    Bech32.encode(point.span, prefix: Self.prefix)
  }

  public func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    let secret = try guarding { () throws(SecretMemoryError) in
      try SecretBytes.random(count: Curve25519.size)
    }
    let share = Curve25519.publicKey(of: secret)
    guard let shared = try Curve25519.multiply(secret, point.span) else {
      throw AgeError(.recipient, "encrypt to \(self): the key is a point of low order")
    }
    let wrapKey = try HKDF.derive(from: shared, salt: share + point, info: Self.info)
    let argument = String(decoding: Base64.encode(share.span), as: UTF8.self)
    return Wrapping([
      Stanza(type: Self.stanzaType, arguments: [argument], body: fileKey.sealed(under: wrapKey))
    ])
  }

  /// Unwraps a stanza with the secret scalar of this public key; `nil` is a stanza of somebody else's.
  fileprivate func unwrap(
    _ stanza: Stanza, _ scalar: borrowing SecretBytes
  ) throws(AgeError) -> FileKey? {
    guard stanza.type == Self.stanzaType else { return nil }
    try stanza.requireShape(arguments: 1)
    let share = try stanza.bytes(ofArgument: 0, count: Curve25519.size)
    guard let shared = try Curve25519.multiply(scalar, share.span) else {
      throw AgeError(.header, "X25519 stanza has a share of low order")
    }
    let wrapKey = try HKDF.derive(from: shared, salt: share + point, info: Self.info)
    return try FileKey.opened(stanza.body, under: wrapKey)
  }
}

/// An X25519 private key, `AGE-SECRET-KEY-1…`.
public final class X25519Identity: Identity {
  package static let prefix = "age-secret-key-"

  /// The public key.
  public let recipient: X25519Recipient
  private let scalar: SecretBytes

  /// Makes a new one at random.
  public init() throws(AgeError) {
    scalar = try guarding { () throws(SecretMemoryError) in
      try SecretBytes.random(count: Curve25519.size)
    }
    recipient = X25519Recipient(point: Curve25519.publicKey(of: scalar))
  }

  /// Takes the scalar, 32 bytes.
  package init(scalar: consuming SecretBytes) {
    self.scalar = scalar
    recipient = X25519Recipient(point: Curve25519.publicKey(of: self.scalar))
  }

  /// Reads the text form.
  ///
  /// - Throws: `AgeError` with the code `.identity`, which repeats no part of the text.
  public init(_ text: Span<UInt8>) throws(AgeError) {
    do {
      scalar = try Bech32.decode(text, prefix: Self.prefix, count: Curve25519.size)
    } catch {
      throw error.asAgeError(.identity, "read an X25519 identity")
    }
    recipient = X25519Recipient(point: Curve25519.publicKey(of: scalar))
  }

  public var name: String { "\(recipient)" }

  /// The text form, 74 characters in upper case.
  public func encoded() throws(AgeError) -> SecretBytes {
    try scalar.withSpan { span throws(AgeError) in
      try Bech32.encodeSecret(span, prefix: Self.prefix)
    }
  }

  public func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    inParallel(files) { stanzas in
      Unwrapping(ofMany: stanzas) { stanza throws(AgeError) in
        try recipient.unwrap(stanza, scalar)
      }
    }
  }

  public func recipients() throws(AgeError) -> [any Recipient] { [recipient] }
}
