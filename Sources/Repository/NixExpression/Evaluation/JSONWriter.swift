/// Writes a value as JSON, as `builtins.toJSON` and `nix-instantiate --json` print it: no spaces, attributes by name,
/// floats with six digits.
struct JSONWriter {
  private let evaluator: Evaluator
  private let position: Position
  private(set) var text: [UInt8] = []

  init(_ evaluator: Evaluator, _ position: Position) {
    self.evaluator = evaluator
    self.position = position
  }

  mutating func write(_ value: Value) throws(NixError) {
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    try evaluator.check(stringOf: text.count)
    let value = try evaluator.force(value, at: position)
    switch value {
    case .null: append("null")
    case .bool(let holds): append(holds ? "true" : "false")
    case .int(let number): append("\(number)")
    case .float(let number): append(formatted(number, "%g"))
    case .string(let bytes), .path(let bytes): write(string: bytes)
    case .list(let list):
      text.append(UInt8(ascii: "["))
      for (index, element) in list.elements.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        try write(element)
      }
      text.append(UInt8(ascii: "]"))
    case .attributes(let set): try write(set, of: value)
    case .closure, .primitive, .partial, .thunk:
      throw evaluator.error(
        .type, "cannot convert \(value.phrase) to JSON", at: value.position ?? position)
    }
  }

  private mutating func write(_ set: AttributeSet, of value: Value) throws(NixError) {
    let known = evaluator.symbols.known
    if set[known.toString] != nil {
      return write(string: try evaluator.coerced(value, at: position))
    }
    if let path = set[known.outPath] { return try write(path) }
    text.append(UInt8(ascii: "{"))
    var isFirst = true
    for index in set.shape.orderedByName(evaluator.symbols) {
      let key = set.shape.keys[Int(index)]
      if !isFirst { text.append(UInt8(ascii: ",")) }
      isFirst = false
      write(string: evaluator.symbols.bytes(key.symbol))
      text.append(UInt8(ascii: ":"))
      do throws(NixError) {
        try write(set.values[Int(index)])
      } catch {
        evaluator.note(
          error,
          "while evaluating the attribute '\(evaluator.symbols.text(key.symbol))'",
          at: key.position)
        throw error
      }
    }
    text.append(UInt8(ascii: "}"))
  }

  private mutating func append(_ string: String) { text.append(contentsOf: string.utf8) }

  private mutating func write(string bytes: [UInt8]) {
    text.append(UInt8(ascii: "\""))
    // Runs that need no escape, which most strings are whole, are copied at once.
    var start = 0
    while let index = Self.firstEscaped(in: bytes.span, from: start) {
      text.append(contentsOf: bytes[start..<index])
      escape(bytes[index])
      start = index + 1
    }
    if start == 0 {
      text.append(contentsOf: bytes)
    } else {
      text.append(contentsOf: bytes[start...])
    }
    text.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(contentsOf: [0x5c, byte])
    case UInt8(ascii: "\n"): append("\\n")
    case UInt8(ascii: "\r"): append("\\r")
    case UInt8(ascii: "\t"): append("\\t")
    default:
      let digits = Array("0123456789abcdef".utf8)
      append("\\u00")
      text.append(contentsOf: [digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
  }

  /// Where the first byte from `start` on is that stands for itself in no JSON string: below 0x20, `"` or `\`.
  private static func firstEscaped(in bytes: Span<UInt8>, from start: Int) -> Int? {
    var index = start
    // Eight at a time: `isEscaped` of all bytes of a word at once.
    while index + 8 <= bytes.count {
      // The word lies within the bytes.
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      if hasZero(word & 0xe0e0_e0e0_e0e0_e0e0) || hasZero(word ^ 0x2222_2222_2222_2222)
        || hasZero(word ^ 0x5c5c_5c5c_5c5c_5c5c)
      {
        break
      }
      index += 8
    }
    while index < bytes.count {
      if isEscaped(bytes[index]) { return index }
      index += 1
    }
    return nil
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  /// Whether one of the eight bytes is zero.
  private static func hasZero(_ word: UInt64) -> Bool {
    (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0
  }
}
