import CLibsodium
import SecretMemory

/// A private key as text: BEGIN and END lines with a label, base64 between them (RFC 7468), and in files of old the
/// headers of an encryption (RFC 1421, Section 4.6).
struct PEM: ~Copyable {
  /// The largest text, in bytes, that is read.
  static let limit = 16 << 10

  /// What a label says about the bytes.
  enum Label: String, CaseIterable {
    case openSSH = "OPENSSH PRIVATE KEY"
    case pkcs1 = "RSA PRIVATE KEY"
    case pkcs8 = "PRIVATE KEY"
    case encryptedPKCS8 = "ENCRYPTED PRIVATE KEY"
    case dsa = "DSA PRIVATE KEY"
    case ecdsa = "EC PRIVATE KEY"
  }

  let label: Label
  /// The lines between the BEGIN line and an empty one, where there are any.
  let headers: [String]
  let bytes: SecretBytes

  /// Decodes a private key, in memory and time that tell nothing of it.
  ///
  /// - Throws: `SSHKeyError` with the code `.malformed`, `.notSupported` (another label) or `.memory`.
  init(_ text: Span<UInt8>) throws(SSHKeyError) {
    guard text.count <= Self.limit else {
      throw SSHKeyError(.malformed, "the key is over the limit of \(Self.limit >> 10) KiB")
    }
    let text = text.extracting(text.trimmed)
    guard text.hasPrefix("-----BEGIN ") else {
      throw SSHKeyError(.malformed, "this is not a private key")
    }
    guard
      let label = Label.allCases.first(where: { text.hasPrefix("-----BEGIN \($0.rawValue)-----") })
    else { throw SSHKeyError(.malformed, "this is not a private key that SSH has") }
    let end = Array("-----END \(label.rawValue)-----".utf8)
    let body = text.extracting("-----BEGIN \(label.rawValue)-----".utf8.count...)
    guard body.count >= end.count, body.extracting((body.count - end.count)...).isEqual(end) else {
      throw SSHKeyError(.malformed, "the key has no END line, or something after it")
    }
    let content = body.extracting(..<(body.count - end.count))
    let (headers, headerEnd) = try Self.headers(content)
    let bytes = try Self.base64(content.extracting(headerEnd...))
    self.label = label
    self.headers = headers
    self.bytes = bytes
  }

  /// The headers of a protected key, if there are any, and where base64 begins.
  private static func headers(
    _ content: Span<UInt8>
  ) throws(SSHKeyError) -> (lines: [String], end: Int) {
    // Nothing of a key that is not protected may be taken for a header, and copied.
    guard content.extracting(content.trimmed).hasPrefix("Proc-Type:") else { return ([], 0) }
    var lines: [String] = []
    var start = content.trimmed.lowerBound
    while let end = (start..<content.count).first(where: { content[$0] == UInt8(ascii: "\n") }) {
      let line = content.extracting(start..<end)
      start = end + 1
      if line.trimmed.isEmpty { return (lines, start) }
      lines.append(String(decoding: line.extracting(line.trimmed).copied, as: UTF8.self))
    }
    throw SSHKeyError(.malformed, "the key's headers do not end")
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
          text.assumingMemoryBound(to: CChar.self).baseAddress, text.count, "\r\n", &count, nil,
          sodium_base64_VARIANT_ORIGINAL)
      }
    }
    guard status == 0 else { throw SSHKeyError(.malformed, "the key is not canonical base64") }
    bytes.truncate(to: count)
    return bytes
  }
}

extension Span<UInt8> {
  /// Where the bytes lie without blanks and line ends around them.
  fileprivate var trimmed: Range<Int> {
    let isVisible = { (byte: UInt8) in byte != UInt8(ascii: " ") && !(0x09...0x0d ~= byte) }
    guard let first = indices.first(where: { isVisible(self[$0]) }),
      let last = indices.last(where: { isVisible(self[$0]) })
    else { return 0..<0 }
    return first..<(last + 1)
  }

  fileprivate func hasPrefix(_ prefix: String) -> Bool {
    count >= prefix.utf8.count && zip(indices, prefix.utf8).allSatisfy { self[$0] == $1 }
  }
}
