import CLibsodium
import SecretMemory

/// The text around a private key (RFC 7468, with the label of OpenSSH's format).
enum PEM {
  private static let begin = "-----BEGIN "
  private static let label = "OPENSSH PRIVATE KEY-----"
  private static let end = "-----END OPENSSH PRIVATE KEY-----"
  private static let otherLabels = [
    "RSA PRIVATE KEY-----", "DSA PRIVATE KEY-----", "EC PRIVATE KEY-----", "PRIVATE KEY-----",
    "ENCRYPTED PRIVATE KEY-----",
  ]

  /// Decodes a private key, in memory and time that tell nothing of it.
  ///
  /// - Throws: `SSHKeyError`: another kind of private key is `.notSupported`, or else `.malformed`.
  static func decode(_ text: Span<UInt8>) throws(SSHKeyError) -> SecretBytes {
    guard text.count <= OpenSSHPrivateKey.limit else {
      throw SSHKeyError(
        .malformed, "the key is over the limit of \(OpenSSHPrivateKey.limit >> 10) KiB")
    }
    let text = text.extracting(trimmed(text))
    guard hasPrefix(text, begin) else {
      throw SSHKeyError(.malformed, "this is not a private key")
    }
    let afterBegin = text.extracting(begin.utf8.count...)
    guard hasPrefix(afterBegin, label) else { throw refusal(afterBegin) }
    let body = afterBegin.extracting(label.utf8.count...)
    guard body.count >= end.utf8.count,
      hasPrefix(body.extracting((body.count - end.utf8.count)...), end)
    else { throw SSHKeyError(.malformed, "the key has no END line, or something after it") }
    return try base64(body.extracting(..<(body.count - end.utf8.count)))
  }

  private static func trimmed(_ text: Span<UInt8>) -> Range<Int> {
    let isVisible = { (byte: UInt8) in byte != UInt8(ascii: " ") && !(0x09...0x0d ~= byte) }
    guard let first = text.indices.first(where: { isVisible(text[$0]) }),
      let last = text.indices.last(where: { isVisible(text[$0]) })
    else { return 0..<0 }
    return first..<(last + 1)
  }

  private static func refusal(_ text: Span<UInt8>) -> SSHKeyError {
    guard otherLabels.contains(where: { hasPrefix(text, $0) }) else {
      return SSHKeyError(.malformed, "this is not a private key of OpenSSH's")
    }
    return SSHKeyError(
      .notSupported, "private keys in PEM format are not supported yet",
      hint: "make an ssh-ed25519 key: `ssh-keygen -t ed25519`")
  }

  /// Decodes base64 in lines of any length, in constant time.
  private static func base64(_ text: Span<UInt8>) throws(SSHKeyError) -> SecretBytes {
    var bytes = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(count: text.count / 4 * 3 + 3)
    }
    var count = 0
    let status = unsafe text.withUnsafeBytes { text in
      unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe sodium_base642bin(
          bytes.assumingMemoryBound(to: UInt8.self).baseAddress!, bytes.count,
          text.assumingMemoryBound(to: CChar.self).baseAddress!, text.count, "\r\n", &count, nil,
          sodium_base64_VARIANT_ORIGINAL)
      }
    }
    guard status == 0 else { throw SSHKeyError(.malformed, "the key is not canonical base64") }
    bytes.truncate(to: count)
    return bytes
  }

  private static func hasPrefix(_ text: Span<UInt8>, _ prefix: String) -> Bool {
    let prefix = Array(prefix.utf8)
    return text.count >= prefix.count && prefix.indices.allSatisfy { text[$0] == prefix[$0] }
  }
}
