/// Errors, order of evaluation, and what else steers it.
extension Builtins {
  static func registerControl(in registry: inout Globals.Registry) {
    registry.add(
      "throw", "message", "An error that `tryEval` catches.",
      .one { evaluator, message, position throws(NixError) in
        let text = try evaluator.coerced(message, at: position)
        throw evaluator.error(.thrown, String(decoding: text, as: UTF8.self), at: position)
      })
    registry.add(
      "abort", "message", "An error that nothing catches.",
      .one { evaluator, message, position throws(NixError) in
        let text = String(decoding: try evaluator.coerced(message, at: position), as: UTF8.self)
        throw evaluator.error(
          .aborted, "evaluation aborted with the following error message: '\(text)'", at: position)
      })
    registry.add(
      "tryEval", "value",
      "`{ success, value }`: whether evaluating the value throws nothing, and the value, or false.",
      .one(tryEval))
    registry.add(
      "seq", "first second", "The second value, after the first was evaluated.",
      .two { evaluator, first, second, position throws(NixError) in
        _ = try evaluator.force(first, at: position)
        return second
      })
    registry.add(
      "deepSeq", "first second",
      "The second value, after the first and everything in it was evaluated.",
      .two { evaluator, first, second, position throws(NixError) in
        var seen = Set<UInt>()
        try evaluator.forceDeeply(first, &seen, at: position)
        return second
      })
    registry.add(
      "trace", "message value", "The value, after the message was shown.", .two(trace))
    registry.add(
      "addErrorContext", "message value",
      "The value; an error that it raises mentions the message.",
      .two { evaluator, message, value, position throws(NixError) in
        do throws(NixError) {
          return try evaluator.force(value, at: position)
        } catch {
          let text = try evaluator.coerced(message, at: position)
          evaluator.note(error, String(decoding: text, as: UTF8.self), at: .none)
          throw error
        }
      })
    registry.add(
      "genericClosure", "set",
      "All that `operator` reaches from the sets in `startSet`, each `key` once.",
      .one(genericClosure))
  }

  private static func tryEval(
    _ evaluator: Evaluator, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    var builder = AttributeBuilder()
    do throws(NixError) {
      builder.add(evaluator.symbols.known.value, try evaluator.force(value, at: position))
      builder.add(evaluator.symbols.known.success, .bool(true))
    } catch {
      // What the expression itself raises can be caught; what is wrong with it cannot.
      guard error.code == .thrown || error.code == .assertion else { throw error }
      builder.add(evaluator.symbols.known.value, .bool(false))
      builder.add(evaluator.symbols.known.success, .bool(false))
    }
    return .attributes(evaluator.set(builder))
  }

  private static func trace(
    _ evaluator: Evaluator, _ message: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let message = try evaluator.force(message, at: position)
    if case .string(let text) = message {
      evaluator.world.trace(String(decoding: text, as: UTF8.self))
    } else {
      var printer = Printer(evaluator, position)
      try printer.print(message)
      try evaluator.spend(bytes: printer.text.count, at: position)
      evaluator.world.trace(String(decoding: printer.text, as: UTF8.self))
    }
    return value
  }

  /// Everything reachable from `startSet` by `operator`, each `key` once, in the order it was found.
  private static func genericClosure(
    _ evaluator: Evaluator, _ argument: Value, _ position: Position
  ) throws(NixError) -> Value {
    let known = evaluator.symbols.known
    let set = try evaluator.attributeSet(argument, at: position)
    let start = try evaluator.listValue(
      try evaluator.required(known.startSet, of: set, by: "genericClosure", at: position),
      at: position)
    let operation = try evaluator.required(
      known.operation, of: set, by: "genericClosure", at: position)
    var queue = ContiguousArray(start.elements)
    var (next, keys, result) = (0, ContiguousArray<Value>(), ContiguousArray<Value>())
    while next < queue.count {
      try evaluator.check(listOf: queue.count)
      let item = try evaluator.attributeSet(queue[next], at: position)
      next += 1
      guard let suspended = item[known.key] else {
        throw evaluator.error(.missingAttribute, "attribute 'key' required", at: position)
      }
      let key = try evaluator.force(suspended, at: position)
      guard let index = try evaluator.insertionIndex(of: key, in: keys, at: position) else {
        continue
      }
      try evaluator.spend(elements: (keys.count - index) / 8, at: position)
      keys.insert(key, at: index)
      result.append(.attributes(item))
      let found = try evaluator.call(operation, .attributes(item), at: position)
      try evaluator.listValue(found, at: position).append(to: &queue)
    }
    return try evaluator.list(result)
  }
}

extension Evaluator {
  /// Where a key goes in a sorted list; nil if it is there.
  fileprivate func insertionIndex(
    of key: Value, in keys: ContiguousArray<Value>, at position: Position
  ) throws(NixError) -> Int? {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if try less(keys[middle], key, at: position) { low = middle + 1 } else { high = middle }
    }
    if low < keys.count, try !less(key, keys[low], at: position) { return nil }
    return low
  }

  /// An attribute that a builtin's argument must have.
  func required(
    _ symbol: Symbol, of set: AttributeSet, by function: String, at position: Position
  ) throws(NixError) -> Value {
    guard let value = try attribute(symbol, of: set) else {
      throw error(
        .missingAttribute,
        "attribute '\(symbols.shown(symbol))' missing for call to '\(function)'", at: position)
    }
    return value
  }

  /// Forces a value and everything in it; sets that contain themselves once.
  func forceDeeply(
    _ value: Value, _ seen: inout Set<UInt>, at position: Position
  ) throws(NixError) {
    try descend(at: position)
    defer { ascend() }
    switch try force(value, at: position) {
    case .list(let list):
      guard seen.insert(list.identity).inserted else { return }
      for index in 0..<list.count { try forceDeeply(list[index], &seen, at: position) }
    case .attributes(let set):
      guard seen.insert(set.identity).inserted else { return }
      for index in 0..<set.count {
        do throws(NixError) {
          try forceDeeply(set.values[index], &seen, at: position)
        } catch {
          let key = set.shape.keys[index]
          note(
            error, "while evaluating the attribute '\(symbols.text(key.symbol))'",
            at: key.position)
          throw error
        }
      }
    default: break
    }
  }
}
