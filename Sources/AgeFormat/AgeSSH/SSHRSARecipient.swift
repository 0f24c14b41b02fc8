public import Age
import SecretMemory

/// An `ssh-rsa` public key to encrypt to, of 2048 to 16384 bits.
///
/// The stanza is `-> ssh-rsa TAG`: 4 bytes of the SHA-256 of the key. Its body is the file key under RSA-OAEP with
/// SHA-256, as many bytes as the modulus has.
public struct SSHRSARecipient: Recipient, SSHRecipient, Hashable, CustomStringConvertible {
  private let key: RSAPublicKey
  let blob: [UInt8]
  /// The first bytes of the key's hash, as they stand in a stanza.
  private let tag: String

  /// Reads a line of a `.pub`, `authorized_keys` or `known_hosts` file, or of `ssh-keyscan`'s output.
  ///
  /// - Throws: `SSHKeyError` with the code `.malformed`, or `.notSupported` for a key of another type or size.
  public init(_ line: String) throws(SSHKeyError) {
    try self.init(blob: SSHPublicKeyLine(line).blob)
  }

  /// Reads SSH's wire format.
  init(blob: [UInt8]) throws(SSHKeyError) {
    self.init(try RSAPublicKey(blob: blob.span))
  }

  init(_ key: RSAPublicKey) {
    self.key = key
    blob = key.blob
    tag = SSHTag.of(blob)
  }

  var keyType: String { SSHKeyType.rsa }

  /// The line that stands for the key: type and base64.
  public var description: String { line }

  public func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    try wrap([fileKey])[0]
  }

  public func wrap(_ fileKeys: [FileKey]) throws(AgeError) -> [Wrapping] {
    let key = try OAEP(key)
    var wrappings: [Wrapping] = []
    for fileKey in fileKeys {
      let body = try fileKey.withSpan { span throws(AgeError) in try key.encrypt(span) }
      wrappings.append(
        Wrapping([Stanza(type: keyType, arguments: [tag], body: body)]))
    }
    return wrappings
  }

  package func isFor(_ stanza: Stanza) throws(AgeError) -> Bool {
    guard stanza.type == keyType else { return false }
    guard stanza.arguments.count == 1 else {
      throw AgeError(.header, "ssh-rsa stanza has \(stanza.arguments.count) arguments and not 1")
    }
    _ = try stanza.bytes(ofArgument: 0, count: SSHTag.size)
    return stanza.arguments[0] == tag
  }

  /// Unwraps a stanza that is for this key.
  func unwrap(_ stanza: Stanza, _ privateKey: OAEP) throws(AgeError) -> FileKey {
    guard let bytes = try privateKey.decrypt(stanza.body) else {
      throw AgeError(.header, "ssh-rsa stanza is for this key and damaged: its body does not open")
    }
    return try FileKey(bytes)
  }
}
