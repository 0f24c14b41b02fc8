/// JSON, TOML, XML and regular expressions.
extension Builtins {
  static func registerExpressions(in registry: inout Globals.Registry) {
    registry.add(
      "toJSON", "value", "The value as JSON.",
      .one { evaluator, value, position throws(NixError) in
        var writer = JSONWriter(evaluator, position)
        try writer.write(value)
        return try evaluator.string(writer.text)
      })
    registry.add(
      "toXML", "value", "The value as XML.",
      .one { evaluator, value, position throws(NixError) in
        var writer = XMLWriter(evaluator, position)
        try writer.write(document: value)
        return try evaluator.string(writer.text)
      })
    registry.add(
      "fromTOML", "string", "The value of a TOML text (1.0), which must not hold dates and times.",
      .one { evaluator, value, position throws(NixError) in
        let text = try evaluator.stringValue(value, at: position)
        try evaluator.spend(bytes: text.count, at: position)
        var reader = TOMLReader(text, evaluator, position)
        return try reader.read()
      })
    registry.add(
      "fromJSON", "string", "The value of a JSON text.",
      .one { evaluator, value, position throws(NixError) in
        let text = try evaluator.stringValue(value, at: position)
        try evaluator.spend(bytes: text.count, at: position)
        var reader = JSONReader(text, evaluator, position)
        return try reader.read()
      })
    registry.add(
      "match", "regex string",
      "The groups of a regular expression (POSIX extended) that matches the whole string, else null.",
      .two(match))
    registry.add(
      "split", "regex string",
      "The text between the matches of a regular expression, and between them the groups of each match.",
      .two(split))
  }

  /// A pattern and the text it is for; what matching may cost is counted beforehand.
  private static func operands(
    _ evaluator: Evaluator, _ pattern: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> (RegularExpression, [UInt8]) {
    let expression = try evaluator.regularExpression(pattern, at: position)
    let text = try evaluator.stringValue(value, at: position)
    try evaluator.spend(
      expression.steps(for: text.count),
      on: "a regular expression of \(expression.size) characters on \(text.count) bytes",
      at: position)
    return (expression, text)
  }

  /// The groups of a match of the whole string, or null.
  private static func match(
    _ evaluator: Evaluator, _ pattern: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let (expression, text) = try operands(evaluator, pattern, value, position)
    guard let groups = expression.match(text) else { return .null }
    return try evaluator.list(ContiguousArray(groups.dropFirst().map { group(text, $0) }))
  }

  private static func group(_ text: [UInt8], _ range: Range<Int>?) -> Value {
    range.map { .string(Array(text[$0])) } ?? .null
  }

  /// The text between matches, and between them the groups of each match.
  private static func split(
    _ evaluator: Evaluator, _ pattern: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let (expression, text) = try operands(evaluator, pattern, value, position)
    var result = ContiguousArray<Value>()
    var (start, search) = (0, 0)
    while search <= text.count, let groups = expression.search(text, from: search),
      let whole = groups[0]
    {
      result.append(try evaluator.string(Array(text[start..<whole.lowerBound])))
      let captures = ContiguousArray(groups.dropFirst().map { group(text, $0) })
      result.append(try evaluator.list(captures))
      try evaluator.check(listOf: result.count)
      start = whole.upperBound
      // After a match of nothing the next one begins at least one byte on.
      search = whole.isEmpty ? whole.upperBound + 1 : whole.upperBound
    }
    result.append(try evaluator.string(Array(text[start...])))
    return try evaluator.list(result)
  }
}

extension Evaluator {
  fileprivate func regularExpression(
    _ pattern: Value, at position: Position
  ) throws(NixError) -> RegularExpression {
    let pattern = try stringValue(pattern, at: position)
    if let known = regularExpressions[pattern] { return known }
    do throws(NixError) {
      let expression = try RegularExpression(pattern)
      regularExpressions[pattern] = expression
      return expression
    } catch {
      error.locate(sources.place(position))
      throw error
    }
  }
}
