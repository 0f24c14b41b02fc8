/// Reads JSON (RFC 8259) into values, strictly.
struct JSONReader {
  private let bytes: [UInt8]
  private let evaluator: Evaluator
  private let position: Position
  private var index = 0

  init(_ bytes: [UInt8], _ evaluator: Evaluator, _ position: Position) {
    self.bytes = bytes
    self.evaluator = evaluator
    self.position = position
  }

  mutating func read() throws(NixError) -> Value {
    let value = try readValue()
    skipBlanks()
    guard index == bytes.count else { throw failure("something follows the value") }
    return value
  }

  private func failure(_ reason: String) -> NixError {
    evaluator.error(
      .argument, "parsing JSON at byte \(index): \(reason)", at: position)
  }

  private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipBlanks() {
    while let byte, [0x20, 0x0a, 0x0d, 0x09].contains(byte) { index += 1 }
  }

  private mutating func accept(_ expected: UInt8) -> Bool {
    guard byte == expected else { return false }
    index += 1
    return true
  }

  private mutating func readValue() throws(NixError) -> Value {
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    skipBlanks()
    switch byte {
    case UInt8(ascii: "{")?: return try readObject()
    case UInt8(ascii: "[")?: return try readArray()
    case UInt8(ascii: "\"")?: return try evaluator.string(try readString())
    case UInt8(ascii: "t")?: return try readWord("true", .bool(true))
    case UInt8(ascii: "f")?: return try readWord("false", .bool(false))
    case UInt8(ascii: "n")?: return try readWord("null", .null)
    case nil: throw failure("the text ends where a value should be")
    default: return try readNumber()
    }
  }

  private mutating func readWord(_ word: String, _ value: Value) throws(NixError) -> Value {
    guard bytes[index...].starts(with: word.utf8) else { throw failure("no value") }
    index += word.utf8.count
    return value
  }

  private mutating func readArray() throws(NixError) -> Value {
    index += 1
    var elements = ContiguousArray<Value>()
    skipBlanks()
    if accept(UInt8(ascii: "]")) { return try evaluator.list(elements) }
    repeat {
      elements.append(try readValue())
      skipBlanks()
    } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "]")) else { throw failure("an array is not closed") }
    return try evaluator.list(elements)
  }

  private mutating func readObject() throws(NixError) -> Value {
    index += 1
    var builder = AttributeBuilder()
    skipBlanks()
    if accept(UInt8(ascii: "}")) { return .attributes(evaluator.set(builder)) }
    repeat {
      skipBlanks()
      guard byte == UInt8(ascii: "\"") else { throw failure("no name of a member") }
      let name = evaluator.symbols.intern(try readString())
      skipBlanks()
      guard accept(UInt8(ascii: ":")) else { throw failure("no colon after a name") }
      builder.add(name, try readValue())
      skipBlanks()
    } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "}")) else { throw failure("an object is not closed") }
    return .attributes(evaluator.set(builder))
  }

  // MARK: Numbers

  private mutating func readNumber() throws(NixError) -> Value {
    let start = index
    let isNegative = accept(UInt8(ascii: "-"))
    let digits = index
    skipDigits()
    guard index > digits, index == digits + 1 || bytes[digits] != UInt8(ascii: "0") else {
      throw failure("no value")
    }
    let integer = String(decoding: bytes[start..<index], as: UTF8.self)
    var isInteger = true
    if accept(UInt8(ascii: ".")) {
      isInteger = false
      guard skipDigits() else { throw failure("no digit after the point") }
    }
    if let byte, byte | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      index += 1
      if !accept(UInt8(ascii: "+")) { _ = accept(UInt8(ascii: "-")) }
      guard skipDigits() else { throw failure("no digit in the exponent") }
    }
    if isInteger {
      if isNegative, let number = Int64(integer) { return .int(number) }
      // As Nix: what fits into 64 bits without a sign is an integer still.
      if let number = UInt64(integer) { return .int(Int64(bitPattern: number)) }
    }
    let number = Double(String(decoding: bytes[start..<index], as: UTF8.self)) ?? .infinity
    guard number.isFinite else { throw failure("the number is too large") }
    return .float(number)
  }

  @discardableResult
  private mutating func skipDigits() -> Bool {
    let start = index
    while let byte, byte.isDigit { index += 1 }
    return index > start
  }

  // MARK: Strings

  private mutating func readString() throws(NixError) -> [UInt8] {
    index += 1
    var text: [UInt8] = []
    let start = index
    while true {
      guard let byte else { throw failure("a string is not closed") }
      index += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard isValidText(start..<index - 1) else { throw failure("a string is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): try readEscape(into: &text)
      case 0..<0x20: throw failure("a control character in a string")
      default: text.append(byte)
      }
    }
  }

  private func isValidText(_ range: Range<Int>) -> Bool {
    let slice = bytes[range]
    return slice.allSatisfy { $0 < 0x80 } || String(validating: slice, as: UTF8.self) != nil
  }

  private mutating func readEscape(into text: inout [UInt8]) throws(NixError) {
    guard let byte else { throw failure("a string is not closed") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): try readScalar(into: &text)
    default: throw failure("an unknown escape")
    }
  }

  private mutating func readScalar(into text: inout [UInt8]) throws(NixError) {
    var code = try readHexadecimal()
    if 0xd800..<0xdc00 ~= code {
      guard accept(UInt8(ascii: "\\")), accept(UInt8(ascii: "u")) else {
        throw failure("half of a surrogate pair")
      }
      let low = try readHexadecimal()
      guard 0xdc00..<0xe000 ~= low else { throw failure("half of a surrogate pair") }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
    guard code != 0 else { throw failure("a string of Nix cannot hold a zero byte") }
    text.append(contentsOf: Array(String(Character(scalar)).utf8))
  }

  private mutating func readHexadecimal() throws(NixError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
      else { throw failure("no four hexadecimal digits after \\u") }
      code = code << 4 | UInt32(digit)
      index += 1
    }
    return code
  }
}
