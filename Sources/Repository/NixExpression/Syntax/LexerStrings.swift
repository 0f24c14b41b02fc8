/// The inside of strings.
extension Lexer {
  private static let dollar = UInt8(ascii: "$")
  private static let apostrophe = UInt8(ascii: "'")

  /// Takes the text up to the quote or `${`, then that.
  mutating func lexString() {
    let start = offset
    let plain = lengthOfPlainText()
    if isStringEnd(at: offset + plain) {
      if plain > 0 { emitWritten(.stringText, length: plain) }
      return closeOrInterpolate(.quote, length: 1)
    }
    var text: [UInt8] = []
    scan: while offset < bytes.count {
      let run = lengthOfPlainText()
      text.append(contentsOf: bytes[offset..<offset + run])
      offset += run
      guard offset < bytes.count else { break }
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""): break scan
      case Self.dollar where peek(1) == UInt8(ascii: "{"): break scan
      case Self.dollar where offset + 1 < bytes.count && !peek(1).endsDollar:
        // `$$` is text even before `{`.
        text.append(byte)
        offset += 1
        takeUnescaped(into: &text)
      case UInt8(ascii: "\\"):
        guard offset + 1 < bytes.count else { break scan }
        offset += 1
        takeEscape(into: &text)
      default: takeUnescaped(into: &text)
      }
    }
    if offset > start { emitText(.stringText, text, at: start) }
    guard offset < bytes.count, peek() != UInt8(ascii: "\\") else {
      // A backslash with nothing after it ends the file, as in Nix.
      if offset < bytes.count { lastOffset = offset }
      return emit(.end, at: bytes.count)
    }
    closeOrInterpolate(.quote, length: 1)
  }

  /// Whether a quote or `${` is there.
  private func isStringEnd(at index: Int) -> Bool {
    let next = peek(index - offset)
    return next == UInt8(ascii: "\"")
      || (next == Self.dollar && peek(index - offset + 1) == UInt8(ascii: "{"))
  }

  /// How far the text goes that stands for itself.
  private func lengthOfPlainText() -> Int {
    var index = offset
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""), Self.dollar, UInt8(ascii: "\\"), UInt8(ascii: "\r"):
        return index - offset
      default: index += 1
      }
    }
    return index - offset
  }

  private mutating func closeOrInterpolate(_ close: Token.Kind, length: Int) {
    if peek() == Self.dollar {
      emit(.dollarBrace, length: 2)
      modes.append(.code)
    } else {
      emit(close, length: length)
      modes.removeLast()
    }
  }

  /// One byte of a string; CR and CR LF become LF.
  private mutating func takeUnescaped(into text: inout [UInt8]) {
    let byte = bytes[offset]
    offset += 1
    guard byte == UInt8(ascii: "\r") else { return text.append(byte) }
    text.append(UInt8(ascii: "\n"))
    if peek() == UInt8(ascii: "\n") { offset += 1 }
  }

  /// The byte after a backslash.
  private mutating func takeEscape(into text: inout [UInt8]) {
    switch bytes[offset] {
    case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
    case UInt8(ascii: "r"): text.append(UInt8(ascii: "\r"))
    case UInt8(ascii: "t"): text.append(UInt8(ascii: "\t"))
    case let byte: text.append(byte)
    }
    offset += 1
  }

  /// Takes one run of text, one escape, `${` or the end of an indented string.
  mutating func lexIndented() {
    guard offset < bytes.count else { return emit(.end, length: 0) }
    let start = offset
    let length = lengthOfIndentedText()
    if length > 0 {
      return emitWritten(.indentedText, length: length)
    }
    if peek() == Self.dollar, peek(1) == UInt8(ascii: "{") {
      return closeOrInterpolate(.closeIndented, length: 2)
    }
    guard peek() == Self.apostrophe, peek(1) == Self.apostrophe else {
      // A lone `$` or `'` before one that has a meaning of its own.
      offset += 1
      return emitText(.indentedEscape, [bytes[start]], at: start)
    }
    lexIndentedEscape(start)
  }

  /// What begins with two apostrophes.
  private mutating func lexIndentedEscape(_ start: Int) {
    switch peek(2) {
    case Self.dollar:
      offset += 3
      emitText(.indentedEscape, [Self.dollar], at: start)
    case Self.apostrophe:
      offset += 3
      emitText(.indentedEscape, [Self.apostrophe, Self.apostrophe], at: start)
    case UInt8(ascii: "\\") where offset + 3 < bytes.count:
      var text: [UInt8] = []
      offset += 3
      takeEscape(into: &text)
      emitText(.indentedEscape, text, at: start)
    default: closeOrInterpolate(.closeIndented, length: 2)
    }
  }

  /// `([^$']|$[^{']|'[^'$])*`
  private func lengthOfIndentedText() -> Int {
    var index = offset
    while index < bytes.count {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      switch bytes[index] {
      case Self.dollar:
        guard index + 1 < bytes.count, next != UInt8(ascii: "{"), next != Self.apostrophe else {
          return index - offset
        }
        index += 2
      case Self.apostrophe:
        guard index + 1 < bytes.count, next != Self.apostrophe, next != Self.dollar else {
          return index - offset
        }
        index += 2
      default: index += 1
      }
    }
    return index - offset
  }
}

extension UInt8 {
  /// Whether a `$` before it stands alone: before a quote, a brace or a backslash.
  fileprivate var endsDollar: Bool {
    self == UInt8(ascii: "{") || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
  }
}
