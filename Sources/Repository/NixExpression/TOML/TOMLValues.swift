/// Values of TOML.
extension TOMLReader {
  mutating func readValue() throws(NixError) -> Value {
    switch byte {
    case UInt8(ascii: "\"")?:
      let text =
        bytes[index...].starts(with: #"""""#.utf8)
        ? try readMultiLineBasicString() : try readBasicString()
      return try evaluator.string(text)
    case UInt8(ascii: "'")?:
      let text =
        bytes[index...].starts(with: "'''".utf8)
        ? try readMultiLineLiteralString() : try readLiteralString()
      return try evaluator.string(text)
    case UInt8(ascii: "[")?: return try nested { reader throws(NixError) in try reader.readArray() }
    case UInt8(ascii: "{")?:
      return try nested { reader throws(NixError) in try reader.readInlineTable() }
    default: return try readWord()
    }
  }

  private mutating func readArray() throws(NixError) -> Value {
    index += 1
    var elements = ContiguousArray<Value>()
    while true {
      try skipLines()
      if accept(UInt8(ascii: "]")) { break }
      elements.append(try readValue())
      try evaluator.check(listOf: elements.count)
      try skipLines()
      if accept(UInt8(ascii: ",")) { continue }
      guard accept(UInt8(ascii: "]")) else { throw failure("an array is not closed") }
      break
    }
    return try evaluator.list(elements)
  }

  private mutating func readInlineTable() throws(NixError) -> Value {
    index += 1
    let table = TOMLTable(.header)
    skipBlanks()
    if accept(UInt8(ascii: "}")) { return try value(of: table) }
    repeat {
      skipBlanks()
      try readPair(into: table)
      skipBlanks()
    } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "}")) else { throw failure("an inline table is not closed") }
    return try value(of: table)
  }

  // MARK: Words and numbers

  private mutating func readWord() throws(NixError) -> Value {
    let start = index
    while let byte, byte.isWordCharacter { index += 1 }
    let word = Array(bytes[start..<index])
    if isDateOrTime(word) {
      throw evaluator.error(
        .argument, "while parsing a TOML string: Dates and times are not supported", at: position)
    }
    let text = String(decoding: word, as: UTF8.self)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "inf", "+inf": return .float(.infinity)
    case "-inf": return .float(-.infinity)
    case "nan", "+nan": return .float(.nan)
    case "-nan": return .float(-.nan)
    default: break
    }
    guard let number = integer(text) ?? float(word) else {
      index = start
      throw failure("no value")
    }
    return number
  }

  /// Whether a word begins as `1979-05` or `07:32` does.
  private func isDateOrTime(_ word: [UInt8]) -> Bool {
    let digits = word.prefix(while: \.isDigit).count
    guard digits < word.count else { return false }
    return (digits == 4 && word[4] == UInt8(ascii: "-"))
      || (digits == 2 && word[2] == UInt8(ascii: ":"))
  }

  private func integer(_ text: String) -> Value? {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
      guard let digits = withoutUnderscores(Array(text.utf8.dropFirst(2))) else { return nil }
      guard digits.allSatisfy({ $0.isLetter || $0.isDigit }) else { return nil }
      return saturating(digits, radix)
    }
    let isSigned = text.hasPrefix("+") || text.hasPrefix("-")
    guard let digits = withoutUnderscores(Array(text.utf8.dropFirst(isSigned ? 1 : 0))),
      digits.allSatisfy(\.isDigit), digits.count == 1 || digits.first != UInt8(ascii: "0")
    else { return nil }
    return saturating(digits, 10, isNegative: text.hasPrefix("-"))
  }

  /// The number, or the one next to it that is an integer still; nil if a digit is none.
  private func saturating(_ digits: [UInt8], _ radix: Int, isNegative: Bool = false) -> Value? {
    var (number, isBeyond) = (Int64(0), false)
    for digit in digits {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue, value < radix else {
        return nil
      }
      let (product, one) = number.multipliedReportingOverflow(by: Int64(radix))
      let (sum, other) = product.addingReportingOverflow(Int64(isNegative ? -value : value))
      isBeyond = isBeyond || one || other
      number = sum
    }
    return .int(isBeyond ? (isNegative ? .min : .max) : number)
  }

  /// The text if each underscore in it stands between digits; it must not be empty.
  private func withoutUnderscores(_ text: [UInt8]) -> [UInt8]? {
    let underscore = UInt8(ascii: "_")
    guard let first = text.first, let last = text.last, first != underscore, last != underscore
    else { return nil }
    for (one, other) in zip(text, text.dropFirst())
    where one == underscore && other == underscore { return nil }
    return text.filter { $0 != underscore }
  }

  /// `DIGITS.DIGITS`, with an exponent, or both; the first digits without a zero before them.
  private func float(_ word: [UInt8]) -> Value? {
    var rest = word[...]
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    guard let whole = digits(&rest), whole.count == 1 || whole.first != UInt8(ascii: "0") else {
      return nil
    }
    var isFloat = false
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard digits(&rest) != nil else { return nil }
      isFloat = true
    }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
      guard digits(&rest) != nil else { return nil }
      isFloat = true
    }
    guard isFloat, rest.isEmpty else { return nil }
    let text = word.filter { $0 != UInt8(ascii: "_") }
    guard let number = Double(String(decoding: text, as: UTF8.self)) else { return nil }
    let largest = Double.greatestFiniteMagnitude
    return .float(min(max(number, -largest), largest))
  }

  /// Takes a run of digits, with underscores between them.
  private func digits(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    let run = rest.prefix { $0.isDigit || $0 == UInt8(ascii: "_") }
    rest = rest[run.endIndex...]
    return withoutUnderscores(Array(run))
  }
}

extension UInt8 {
  fileprivate var isWordCharacter: Bool {
    isLetter || isDigit || "_+-.:".utf8.contains(self)
  }
}
