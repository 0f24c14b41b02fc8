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
      append("[")
      for index in 0..<list.count {
        if index > 0 { append(",") }
        try write(list[index])
      }
      append("]")
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
    append("{")
    var isFirst = true
    for index in set.shape.orderedByName(evaluator.symbols) {
      let key = set.shape.keys[Int(index)]
      if !isFirst { append(",") }
      isFirst = false
      write(string: evaluator.symbols.bytes(key.symbol))
      append(":")
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
    append("}")
  }

  private mutating func append(_ string: String) { text.append(contentsOf: string.utf8) }

  private mutating func write(string bytes: [UInt8]) {
    text.append(UInt8(ascii: "\""))
    // Runs that need no escape, which most strings are whole, are copied at once.
    var start = 0
    for index in bytes.indices where bytes[index].isEscapedInJSON {
      text.append(contentsOf: bytes[start..<index])
      escape(bytes[index])
      start = index + 1
    }
    text.append(contentsOf: bytes[start...])
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
}

extension UInt8 {
  fileprivate var isEscapedInJSON: Bool {
    self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
  }
}
