/// Base 64 in its standard alphabet (RFC 4648, Section 4), canonical, for what is not secret.
package enum Base64 {
  package static let columns = 64
  package static let bytesPerLine = 48
  package static let lineFeed = UInt8(ascii: "\n")

  static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")
  /// The value of each character; what is none has the top bit set.
  static let values: [UInt8] = {
    var values = [UInt8](repeating: 0x80, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  /// Encodes bytes, with `=` at the end only where `padded`.
  package static func encode(_ bytes: Span<UInt8>, padded: Bool = false) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    encode(bytes, padded: padded, to: &text)
    return text
  }

  /// Appends the encoding of bytes.
  static func encode(_ bytes: Span<UInt8>, padded: Bool, to text: inout [UInt8]) {
    let alphabet = alphabet.span
    var index = 0
    while index + 3 <= bytes.count {
      let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
      text.append(alphabet[group >> 18])
      text.append(alphabet[group >> 12 & 63])
      text.append(alphabet[group >> 6 & 63])
      text.append(alphabet[group & 63])
      index += 3
    }
    let rest = bytes.count - index
    guard rest > 0 else { return }
    let group = Int(bytes[index]) << 16 | (rest == 2 ? Int(bytes[index + 1]) << 8 : 0)
    text.append(alphabet[group >> 18])
    text.append(alphabet[group >> 12 & 63])
    if rest == 2 { text.append(alphabet[group >> 6 & 63]) }
    if padded { for _ in rest..<3 { text.append(padding) } }
  }

  /// Decodes canonical text; the rest is `nil`: other characters, bits that are left over, missing or wrong padding.
  package static func decode(_ text: Span<UInt8>, padded: Bool = false) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3 + 2)
    return decode(text, padded: padded, to: &bytes) ? bytes : nil
  }

  /// Appends what canonical text stands for; where it returns `false`, what it appended means nothing.
  static func decode(_ text: Span<UInt8>, padded: Bool, to bytes: inout [UInt8]) -> Bool {
    var count = text.count
    if padded {
      guard count.isMultiple(of: 4) else { return false }
      for _ in 0..<2 where count > 0 && text[count - 1] == padding { count -= 1 }
    }
    let values = values.span
    let whole = count & ~3
    var index = 0
    while index < whole {
      let a = values[Int(text[index])]
      let b = values[Int(text[index + 1])]
      let c = values[Int(text[index + 2])]
      let d = values[Int(text[index + 3])]
      guard (a | b | c | d) & 0x80 == 0 else { return false }
      bytes.append(a << 2 | b >> 4)
      bytes.append(b << 4 | c >> 2)
      bytes.append(c << 6 | d)
      index += 4
    }
    return decodeRest(text.extracting(whole..<count), to: &bytes)
  }

  /// Decodes the last, incomplete group of no, two or three characters.
  private static func decodeRest(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
    if text.isEmpty { return true }
    guard text.count > 1 else { return false }
    let a = values[Int(text[0])]
    let b = values[Int(text[1])]
    guard (a | b) & 0x80 == 0 else { return false }
    bytes.append(a << 2 | b >> 4)
    guard text.count == 3 else { return b & 0x0f == 0 }
    let c = values[Int(text[2])]
    guard c & 0x83 == 0 else { return false }
    bytes.append(b << 4 | c >> 2)
    return true
  }
}
