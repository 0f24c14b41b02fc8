/// Reads one JSON text; one method for each production of RFC 8259.
struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0
  /// How deep lists and objects may be nested.
  static let deepest = 32

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The value that is all of the text.
  static func parse(_ bytes: [UInt8]) throws(PlanError) -> JSON {
    var parser = JSONParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("text after the end") }
    return value
  }

  private mutating func value(depth: Int) throws(PlanError) -> JSON {
    guard depth < Self.deepest else {
      throw PlanError(.limit, "\(place): nested deeper than \(Self.deepest) levels")
    }
    skipSpace()
    guard let first = peek else { throw error("the text ends too early") }
    switch first {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
    default: return try word()
    }
  }

  private mutating func object(depth: Int) throws(PlanError) -> JSON {
    position += 1
    var members: [(key: String, value: JSON)] = []
    var keys: Set<String> = []
    if acceptAfterSpace("}") { return .object([]) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw error("a key in quotes expected") }
      let key = try string()
      guard keys.insert(key).inserted else { throw error("the key \(quoted(key)) is there twice") }
      guard acceptAfterSpace(":") else { throw error("a colon expected") }
      members.append((key, try value(depth: depth + 1)))
    } while acceptAfterSpace(",")
    guard acceptAfterSpace("}") else { throw error("a comma or } expected") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(PlanError) -> JSON {
    position += 1
    var values: [JSON] = []
    if acceptAfterSpace("]") { return .array([]) }
    repeat {
      values.append(try value(depth: depth + 1))
    } while acceptAfterSpace(",")
    guard acceptAfterSpace("]") else { throw error("a comma or ] expected") }
    return .array(values)
  }

  private mutating func word() throws(PlanError) -> JSON {
    for (word, value) in [
      ("null", JSON.null), ("true", .boolean(true)), ("false", .boolean(false)),
    ] where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw error("a value expected")
  }

  private mutating func integer() throws(PlanError) -> Int {
    let start = position
    if peek == UInt8(ascii: "-") { position += 1 }
    let digits = position
    while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
    let isCanonical = bytes[digits..<position].first != 0x30 || position == digits + 1
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let continues = peek.map { ".eE".utf8.contains($0) } ?? false
    guard isCanonical, !continues, let number = Int(text) else {
      position = start
      throw error("a whole number expected")
    }
    return number
  }

  private mutating func string() throws(PlanError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("a control character in a string") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        content += Array(String(try escape()).utf8)
      } else {
        content.append(byte)
      }
    }
    guard peek != nil else {
      position = start
      throw error("a string without an end")
    }
    position += 1
    guard let text = String(validating: content, as: UTF8.self) else {
      position = start
      throw error("a string that is not UTF-8")
    }
    return text
  }

  /// What follows a backslash.
  private mutating func escape() throws(PlanError) -> Unicode.Scalar {
    guard let byte = peek else { throw error("the text ends too early") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error("an unknown escape in a string")
    }
  }

  /// Four digits, or a pair of surrogates.
  private mutating func unicodeEscape() throws(PlanError) -> Unicode.Scalar {
    let first = try fourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xdc00, accept("\\"), accept("u") else { throw error("half a surrogate pair") }
    let second = try fourDigits()
    guard (0xdc00...0xdfff).contains(second) else { throw error("half a surrogate pair") }
    // Every pair is a scalar value.
    return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))!
  }

  private mutating func fourDigits() throws(PlanError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits expected") }
    position += 4
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x0a, 0x0d, 0x09].contains(byte) { position += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func acceptAfterSpace(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return accept(character)
  }

  private func error(_ reason: String) -> PlanError { PlanError(.syntax, "\(place): \(reason)") }

  private var place: String {
    let before = bytes[..<position]
    let line = before.count { $0 == 0x0a } + 1
    let column = before.reversed().prefix { $0 != 0x0a }.count + 1
    return "line \(line), column \(column)"
  }
}
