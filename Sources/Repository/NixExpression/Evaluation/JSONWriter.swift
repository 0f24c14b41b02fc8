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
    switch try evaluator.force(value, at: position) {
    case .null: append("null")
    case .bool(let holds): append(holds ? "true" : "false")
    case .int(let number): append("\(number)")
    case .float(let number): append(formatted(number, "%g"))
    case .string(let bytes), .path(let bytes): write(string: bytes)
    case .list(let list): try write(list)
    case .attributes(let set): try write(set)
    case let value:
      throw evaluator.error(
        .type, "cannot convert \(value.phrase) to JSON", at: value.position ?? position)
    }
    guard text.count <= evaluator.limits.stringBytes else {
      return try evaluator.check(stringOf: text.count)
    }
  }

  private mutating func write(_ list: List) throws(NixError) {
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    try evaluator.spend(elements: list.count, at: position)
    text.append(UInt8(ascii: "["))
    var isFirst = true
    for element in list.elements {
      if !isFirst { text.append(UInt8(ascii: ",")) }
      isFirst = false
      try write(element)
    }
    text.append(UInt8(ascii: "]"))
  }

  private mutating func write(_ set: AttributeSet) throws(NixError) {
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    try evaluator.spend(elements: set.count, at: position)
    let known = evaluator.symbols.known
    if set[known.toString] != nil {
      let bytes = try evaluator.coerced(.attributes(set), at: position)
      return write(string: bytes.span)
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

  private mutating func write(string value: Text) {
    value.bytes.withSpan { bytes in
      let isPlain = value.isPlain ?? (Self.firstEscaped(in: bytes, from: 0) == nil)
      value.isPlain = isPlain
      isPlain ? write(plain: bytes) : write(string: bytes)
    }
  }

  private mutating func write(plain bytes: Span<UInt8>) {
    text.makeRoom(for: bytes.count + 2)
    text.append(UInt8(ascii: "\""))
    append(bytes)
    text.append(UInt8(ascii: "\""))
  }

  private mutating func write(string bytes: Span<UInt8>) {
    text.append(UInt8(ascii: "\""))
    var start = 0
    while let index = Self.firstEscaped(in: bytes, from: start) {
      append(bytes.extracting(start..<index))
      escape(bytes[index])
      start = index + 1
    }
    append(bytes.extracting(start...))
    text.append(UInt8(ascii: "\""))
  }

  private mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
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
    // Eight at a time, as most strings have none.
    unsafe bytes.withUnsafeBytes { bytes in
      while index &+ 8 <= bytes.count {
        // The word lies within the bytes, so that there is an address.
        let word = unsafe bytes.baseAddress!.loadUnaligned(
          fromByteOffset: index, as: UInt64.self)
        if hasEscaped(word) { break }
        index &+= 8
      }
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

  /// Whether `isEscaped` is true of one of eight bytes: a byte is zero where subtracting one borrows from a bit that
  /// was not set.
  private static func hasEscaped(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5c)
    let borrows =
      (word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes
      | (backslashes &- ones) & ~backslashes
    return borrows & (ones &* 0x80) != 0
  }
}
