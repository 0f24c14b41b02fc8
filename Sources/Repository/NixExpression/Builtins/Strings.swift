/// Strings.
extension Builtins {
  static func registerStrings(in registry: inout Globals.Registry) {
    registry.add(
      "toString", "value", "The value as a string.",
      .one { evaluator, value, position throws(NixError) in
        try evaluator.string(try evaluator.coerced(value, more: true, at: position))
      })
    registry.add(
      "stringLength", "string", "How many bytes a string has.",
      .one { evaluator, value, position throws(NixError) in
        .int(Int64(try evaluator.coerced(value, at: position).count))
      })
    registry.add(
      "substring", "start length string",
      "The bytes from start, as many as length says; the rest if that is negative.",
      .three(substring))
    registry.add(
      "concatStringsSep", "separator list",
      "The strings of a list as one, with the separator between them.", .two(concatStringsSep))
    registry.add(
      "replaceStrings", "from to string",
      "The string with each of the strings in from replaced by that in to.", .three(replaceStrings))
  }

  private static func substring(
    _ evaluator: Evaluator, _ start: Value, _ length: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let start = try evaluator.integerValue(start, at: position)
    let length = try evaluator.integerValue(length, at: position)
    let text = try evaluator.coercedText(value, at: position)
    guard start >= 0 else {
      throw evaluator.error(
        .argument, "negative start position in 'substring'", at: position)
    }
    guard start < text.count else { return evaluator.makeString("") }
    let rest = text.count - Int(start)
    // A negative length means the rest.
    let count = length < 0 || length > rest ? rest : Int(length)
    return .string(evaluator.heap.text(text, from: Int(start), count: count))
  }

  private static func concatStringsSep(
    _ evaluator: Evaluator, _ separator: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let separator = try evaluator.stringValue(separator, at: position)
    let list = try evaluator.listValue(list, at: position)
    try evaluator.spend(elements: list.count, at: position)
    var text: [UInt8] = []
    for index in 0..<list.count {
      if index > 0 { text.append(contentsOf: separator) }
      try evaluator.appendCoerced(list[index], to: &text, at: position)
      try evaluator.check(stringOf: text.count)
    }
    return try evaluator.string(text)
  }

  private static func replaceStrings(
    _ evaluator: Evaluator, _ from: Value, _ to: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let from = try evaluator.listValue(from, at: position)
    let to = try evaluator.listValue(to, at: position)
    guard from.count == to.count else {
      throw evaluator.error(
        .argument,
        "'from' and 'to' arguments to 'replaceStrings' have different lengths", at: position)
    }
    var pairs: [(from: [UInt8], to: [UInt8])] = []
    for element in from.elements {
      pairs.append((try evaluator.stringValue(element, at: position), []))
    }
    for index in 0..<to.count {
      pairs[index].to = try evaluator.stringValue(to[index], at: position)
    }
    let text = try evaluator.stringValue(value, at: position)
    // Each pair may be tried at each place.
    let (tries, overflow) = (text.count + 1).multipliedReportingOverflow(by: max(1, pairs.count))
    try evaluator.spend(elements: overflow ? .max : tries, at: position)
    return try evaluator.string(try replacing(pairs, in: text, evaluator))
  }

  /// At each place the first pair that fits is used; an empty one fits everywhere, also at the end.
  private static func replacing(
    _ pairs: [(from: [UInt8], to: [UInt8])], in text: [UInt8], _ evaluator: Evaluator
  ) throws(NixError) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index <= text.count {
      let pair = pairs.first { pair in
        index + pair.from.count <= text.count
          && text[index..<index + pair.from.count].elementsEqual(pair.from)
      }
      if let pair {
        result.append(contentsOf: pair.to)
        try evaluator.check(stringOf: result.count)
      }
      if let pair, !pair.from.isEmpty {
        index += pair.from.count
      } else {
        if index < text.count { result.append(text[index]) }
        index += 1
      }
    }
    return result
  }
}
