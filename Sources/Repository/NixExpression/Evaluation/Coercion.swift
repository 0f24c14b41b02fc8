import Glibc

/// Turning values into strings and paths.
extension Evaluator {
  /// Adds a value's text where a string is wanted: strings, paths, and sets with `__toString` or `outPath`; with
  /// `more` also everything else that `toString` takes.
  func appendCoerced(
    _ value: Value, to text: inout [UInt8], more: Bool = false, at position: Position
  ) throws(NixError) {
    let value = try force(value, at: position)
    switch value {
    case .string(let bytes), .path(let bytes): text.append(contentsOf: bytes)
    case .attributes(let set):
      guard let next = try stringSource(of: value, set, at: position) else {
        throw uncoercible(value, at: position)
      }
      try nested(at: position) { () throws(NixError) in
        try appendCoerced(next, to: &text, more: more, at: position)
      }
    case .null where more: break
    case .bool(let holds) where more: if holds { text.append(UInt8(ascii: "1")) }
    case .int(let number) where more: text.append(contentsOf: "\(number)".utf8)
    case .float(let number) where more:
      text.append(contentsOf: formatted(number, "%f").utf8)
    case .list(let list) where more:
      try nested(at: position) { () throws(NixError) in
        try appendCoerced(list, to: &text, at: position)
      }
    default: throw uncoercible(value, at: position)
    }
  }

  private func uncoercible(_ value: Value, at position: Position) -> NixError {
    error(.type, "cannot coerce \(value.phrase) to a string", at: position)
  }

  /// The elements with spaces between them; as in Nix, none after an empty list.
  private func appendCoerced(
    _ list: List, to text: inout [UInt8], at position: Position
  ) throws(NixError) {
    try spend(elements: list.count, at: position)
    for index in 0..<list.count {
      let element = try force(list[index], at: position)
      try appendCoerced(element, to: &text, more: true, at: position)
      try check(stringOf: text.count)
      if index == list.count - 1 { break }
      if case .list(let inner) = element, inner.count == 0 { continue }
      text.append(UInt8(ascii: " "))
    }
  }

  /// What a set stands for as a string: the result of its `__toString`, else its `outPath`.
  func stringSource(
    of value: Value, _ set: AttributeSet, at position: Position
  ) throws(NixError) -> Value? {
    if let function = set[symbols.known.toString] {
      return try call(function, value, at: position)
    }
    return set[symbols.known.outPath]
  }

  /// The text of a value, as interpolation takes it.
  func coerced(
    _ value: Value, more: Bool = false, at position: Position
  ) throws(NixError) -> [UInt8] {
    let value = try force(value, at: position)
    switch value {
    case .string(let text), .path(let text): return Array(text)
    default:
      var text: [UInt8] = []
      try appendCoerced(value, to: &text, more: more, at: position)
      return text
    }
  }

  /// As `coerced`, where it is if it is a string or path already.
  func coercedText(_ value: Value, at position: Position) throws(NixError) -> Text {
    let value = try force(value, at: position)
    switch value {
    case .string(let text), .path(let text): return text
    default: return heap.text(try coerced(value, at: position))
    }
  }

  /// An absolute path, from a path or a string that is one.
  func coercedPath(_ value: Value, at position: Position) throws(NixError) -> [UInt8] {
    let text = try coerced(value, at: position)
    guard text.first == UInt8(ascii: "/") else {
      let written = String(decoding: text, as: UTF8.self)
      throw error(
        .argument, "string '\(written)' doesn't represent an absolute path", at: position)
    }
    return normalised(text)
  }

  /// Counts one level of nesting around the body, for recursion through values.
  func nested<Result>(
    at position: Position, _ body: () throws(NixError) -> Result
  ) throws(NixError) -> Result {
    try descend(at: position)
    defer { ascend() }
    return try body()
  }
}

/// A number as C's `printf` writes it with a format such as `%g`.
func formatted(_ number: Double, _ format: String) -> String {
  // The longest is DBL_MAX with %f: 309 digits, a point and six more.
  var buffer = [CChar](repeating: 0, count: 352)
  return unsafe withVaList([number]) { arguments in
    let count = unsafe vsnprintf(&buffer, buffer.count, format, arguments)
    return String(
      decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
