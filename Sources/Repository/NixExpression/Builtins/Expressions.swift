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

  /// The groups of a match of the whole string, or null.
  private static func match(
    _ evaluator: Evaluator, _ pattern: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let expression = try evaluator.regularExpression(pattern, at: position)
    let text = try evaluator.stringValue(value, at: position)
    let groups = try evaluator.matching(expression, text, at: position) {
      matcher throws(PatternMatcher.Exhausted) in try matcher.matchWhole()
    }
    guard let groups else { return .null }
    return try captures(groups, of: text, evaluator)
  }

  /// The texts of a match's groups, null for those that took no part.
  private static func captures(
    _ groups: [Range<Int>?], of text: [UInt8], _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    var values = ContiguousArray<Value>()
    for range in groups.dropFirst() {
      if let range {
        values.append(try evaluator.string(Array(text[range])))
      } else {
        values.append(.null)
      }
    }
    return try evaluator.list(values)
  }

  /// The text between matches, and between them the groups of each match.
  private static func split(
    _ evaluator: Evaluator, _ pattern: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let expression = try evaluator.regularExpression(pattern, at: position)
    let text = try evaluator.stringValue(value, at: position)
    let matches = try evaluator.matching(expression, text, at: position) {
      matcher throws(PatternMatcher.Exhausted) in
      var matches: [[Range<Int>?]] = []
      while let groups = try matcher.searchNext() { matches.append(groups) }
      return matches
    }
    var result = ContiguousArray<Value>()
    try evaluator.check(listOf: matches.count * 2 + 1)
    var start = 0
    for groups in matches {
      guard let whole = groups[0] else { continue }
      result.append(try evaluator.string(Array(text[start..<whole.lowerBound])))
      result.append(try captures(groups, of: text, evaluator))
      start = whole.upperBound
    }
    result.append(try evaluator.string(Array(text[start...])))
    return try evaluator.list(result)
  }
}
