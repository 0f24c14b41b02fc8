public import Age
import CLibsodium

/// What the recipients of this module have in common: a key in SSH's wire format, whose hash is in the stanza.
protocol SSHRecipient: TaggingRecipient {
  /// The key in SSH's wire format.
  var blob: [UInt8] { get }

  /// The type of the key, which stanzas of it have, too.
  var keyType: String { get }
}

extension SSHRecipient {
  /// Whether any stanza of several files is for this key.
  func isForAny(of files: [[Stanza]]) -> Bool {
    files.contains { $0.contains { (try? isFor($0)) == true } }
  }

  /// The line that stands for a key: type and base64.
  var line: String {
    "\(keyType) \(String(decoding: Base64.encode(blob.span, padded: true), as: UTF8.self))"
  }
}

/// The tag of a key: 4 bytes of its SHA-256 in base64.
enum SSHTag {
  static let size = 4

  static func of(_ blob: [UInt8]) -> String {
    let hash = unsafe [UInt8](unsafeUninitializedCapacity: Int(crypto_hash_sha256_BYTES)) {
      _ = unsafe crypto_hash_sha256($0.baseAddress!, blob, UInt64(blob.count))
      $1 = Int(crypto_hash_sha256_BYTES)
    }
    return String(decoding: Base64.encode(hash.span.extracting(..<size)), as: UTF8.self)
  }
}

/// Makes the recipient of a key in SSH's wire format.
func makeRecipient(blob: [UInt8]) throws(SSHKeyError) -> any SSHRecipient {
  var reader = WireReader()
  let type = try reader.text(blob.span)
  switch type {
  case SSHKeyType.ed25519: return try SSHEd25519Recipient(blob: blob)
  case SSHKeyType.rsa: return try SSHRSARecipient(blob: blob)
  default: throw SSHKeyType.refusal(type)
  }
}

/// Reads a public key of either type from a line of a `.pub`, `authorized_keys` or `known_hosts` file.
///
/// - Throws: `SSHKeyError` with the code `.malformed`, or `.notSupported` for a key of another type.
public func sshRecipient(_ line: String) throws(SSHKeyError) -> any Recipient {
  try makeRecipient(blob: SSHPublicKeyLine(line).blob)
}
