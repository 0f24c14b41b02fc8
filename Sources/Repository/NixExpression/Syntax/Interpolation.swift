/// One part of a string or path: text, or what `${…}` holds.
struct StringPart {
  let expression: Expression
  let position: Position

  /// Whether it is text: what `${…}` holds has a place of its own, behind that of the part.
  var isText: Bool { expression.position == position }
}

/// What is put together from text and `${…}`.
class PartsExpression: Expression {
  struct Part {
    let code: Code
    let position: Position
  }

  let parts: Slots<Part>

  init(_ parts: Slots<Part>, at position: Position) {
    self.parts = parts
    super.init(at: position)
  }

  override final func bind(_ binder: inout Binder) throws(NixError) {
    for part in parts { try part.code.bind(&binder) }
  }

  /// The parts' texts, one after the other.
  fileprivate final func text(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> [UInt8] {
    var text: [UInt8] = []
    for index in parts.indices {
      let value = try parts[index].code.evaluate(environment, evaluator)
      if case .string(let bytes) = value {
        text.append(contentsOf: bytes)
      } else {
        try evaluator.appendCoerced(value, to: &text, at: parts[index].position)
      }
      try evaluator.check(stringOf: text.count)
    }
    return text
  }
}

/// A string with `${…}` in it.
final class Interpolation: PartsExpression {
  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try evaluator.string(try text(environment, evaluator))
  }
}

/// A path with `${…}` in it; the first part is the path it begins with.
final class PathInterpolation: PartsExpression {
  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try evaluator.path(try text(environment, evaluator))
  }
}

/// Computes an indented string's text from its parts as they are written.
struct IndentedString {
  enum Part {
    /// Text, whose leading spaces may be indentation unless it was escaped.
    case text([UInt8], isEscape: Bool, Position)
    case expression(Expression, Position)
  }

  let parts: [Part]

  /// The parts without the indentation that all lines have in common. Only spaces indent, lines of nothing but
  /// spaces do not count, and a last line of nothing but spaces goes.
  func stripped(_ heap: Heap) -> ContiguousArray<StringPart> {
    let indentation = commonIndentation()
    var result = ContiguousArray<StringPart>()
    var (atLineStart, dropped) = (true, 0)
    for (index, part) in parts.enumerated() {
      switch part {
      case .expression(let expression, let position):
        (atLineStart, dropped) = (false, 0)
        result.append(StringPart(expression: expression, position: position))
      case .text(let bytes, _, let position):
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for byte in bytes {
          if atLineStart, byte == UInt8(ascii: " ") {
            dropped += 1
            if dropped <= indentation { continue }
          } else if atLineStart {
            dropped = 0
            atLineStart = byte == UInt8(ascii: "\n")
          } else {
            atLineStart = byte == UInt8(ascii: "\n")
          }
          text.append(byte)
        }
        if index == parts.count - 1 { Self.dropBlankLastLine(&text) }
        result.append(
          StringPart(
            expression: Literal(.string(heap.text(text)), at: position), position: position))
      }
    }
    return result
  }

  private func commonIndentation() -> Int {
    var (atLineStart, current, minimum) = (true, 0, 1_000_000)
    for part in parts {
      guard case .text(let bytes, isEscape: false, _) = part else {
        if atLineStart { minimum = min(minimum, current) }
        atLineStart = false
        continue
      }
      for byte in bytes {
        switch byte {
        case UInt8(ascii: "\n"): (atLineStart, current) = (true, 0)
        case UInt8(ascii: " ") where atLineStart: current += 1
        default:
          if atLineStart { minimum = min(minimum, current) }
          atLineStart = false
        }
      }
    }
    return minimum
  }

  private static func dropBlankLastLine(_ text: inout [UInt8]) {
    guard let end = text.lastIndex(of: UInt8(ascii: "\n")) else { return }
    if text[(end + 1)...].allSatisfy({ $0 == UInt8(ascii: " ") }) {
      text.removeLast(text.count - end - 1)
    }
  }
}

/// An absolute path without empty components, `.`, `..` or a slash at its end.
func normalised(_ path: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(path.count)
  for component in path.split(separator: UInt8(ascii: "/")) {
    if component.elementsEqual([UInt8(ascii: ".")]) { continue }
    if component.elementsEqual([UInt8(ascii: "."), UInt8(ascii: ".")]) {
      while let byte = result.popLast(), byte != UInt8(ascii: "/") {}
      continue
    }
    result.append(UInt8(ascii: "/"))
    result.append(contentsOf: component)
  }
  return result.isEmpty ? [UInt8(ascii: "/")] : result
}
