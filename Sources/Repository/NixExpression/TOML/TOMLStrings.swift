/// Strings of TOML.
extension TOMLReader {
  private static let quote = UInt8(ascii: "\"")
  private static let apostrophe = UInt8(ascii: "'")

  /// `"text"`, with escapes.
  mutating func readBasicString() throws(NixError) -> [UInt8] {
    index += 1
    var text: [UInt8] = []
    while true {
      if accept(Self.quote) { return text }
      if accept(UInt8(ascii: "\\")) { try readEscape(into: &text) } else { try take(into: &text) }
    }
  }

  /// `'text'`, as it is.
  mutating func readLiteralString() throws(NixError) -> [UInt8] {
    index += 1
    var text: [UInt8] = []
    while !accept(Self.apostrophe) { try take(into: &text) }
    return text
  }

  mutating func readMultiLineBasicString() throws(NixError) -> [UInt8] {
    index += 3
    _ = acceptLineEnd()
    var text: [UInt8] = []
    while true {
      if byte == Self.quote {
        if takeQuotes(Self.quote, into: &text) { return text }
      } else if accept(UInt8(ascii: "\\")) {
        if !skipLineEnds() { try readEscape(into: &text) }
      } else {
        try takeWithLineEnds(into: &text)
      }
    }
  }

  mutating func readMultiLineLiteralString() throws(NixError) -> [UInt8] {
    index += 3
    _ = acceptLineEnd()
    var text: [UInt8] = []
    while true {
      if byte == Self.apostrophe {
        if takeQuotes(Self.apostrophe, into: &text) { return text }
      } else {
        try takeWithLineEnds(into: &text)
      }
    }
  }

  /// Takes a run of quotes; true if it closes the string, which two more may precede.
  private mutating func takeQuotes(_ quote: UInt8, into text: inout [UInt8]) -> Bool {
    let count = bytes[index...].prefix(5).prefix { $0 == quote }.count
    index += count
    text.append(contentsOf: repeatElement(quote, count: count < 3 ? count : count - 3))
    return count >= 3
  }

  /// After a backslash: skips blanks up to the end of the line, and what is blank in the next ones.
  private mutating func skipLineEnds() -> Bool {
    let start = index
    skipBlanks()
    guard acceptLineEnd() else {
      index = start
      return false
    }
    repeat { skipBlanks() } while acceptLineEnd()
    return true
  }

  private mutating func takeWithLineEnds(into text: inout [UInt8]) throws(NixError) {
    let start = index
    if acceptLineEnd() {
      text.append(contentsOf: bytes[start..<index])
    } else {
      try take(into: &text)
    }
  }

  private mutating func take(into text: inout [UInt8]) throws(NixError) {
    guard let byte else { throw failure("a string is not closed") }
    guard byte >= 0x20 && byte != 0x7f || byte == 0x09 else {
      throw failure("a control character in a string")
    }
    text.append(byte)
    index += 1
  }

  // MARK: Escapes

  private mutating func readEscape(into text: inout [UInt8]) throws(NixError) {
    guard let byte else { throw failure("a string is not closed") }
    index += 1
    switch byte {
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "r"): text.append(0x0d)
    case Self.quote, UInt8(ascii: "\\"): text.append(byte)
    case UInt8(ascii: "u"): try readScalar(digits: 4, into: &text)
    case UInt8(ascii: "U"): try readScalar(digits: 8, into: &text)
    default: throw failure("an unknown escape")
    }
  }

  private mutating func readScalar(
    digits: Int, into text: inout [UInt8]
  ) throws(NixError) {
    var code: UInt32 = 0
    for _ in 0..<digits {
      guard let byte, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("no \(digits) hexadecimal digits in an escape")
      }
      code = code << 4 | UInt32(digit)
      index += 1
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("no such character") }
    guard code != 0 else { throw failure("a string of Nix cannot hold a zero byte") }
    text.append(contentsOf: Array(String(Character(scalar)).utf8))
  }
}
