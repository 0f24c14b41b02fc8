/// Sets from lists, and several sets together.
extension Builtins {
  static func registerSets(in registry: inout Globals.Registry) {
    registry.add(
      "listToAttrs", "list",
      "A set of the list's `{ name, value }`; of two with one name the first counts.",
      .one(listToAttrs))
    registry.add(
      "catAttrs", "name list", "The attribute of that name of each set that has it.",
      .two(catAttrs))
    registry.add(
      "intersectAttrs", "left right",
      "The attributes of the right set whose names the left one has too.", .two(intersectAttrs))
    registry.add(
      "zipAttrsWith", "function sets",
      "The sets as one: each name's value is `function name values`.", .two(zipAttrsWith))
  }

  private static func listToAttrs(
    _ evaluator: Evaluator, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let known = evaluator.symbols.known
    let list = try evaluator.listValue(list, at: position)
    var builder = AttributeBuilder(capacity: list.count)
    var seen = Set<Symbol>(minimumCapacity: list.count)
    for element in list.elements {
      let pair = try evaluator.attributeSet(element, at: position)
      let name = try evaluator.required(known.name, of: pair, by: "listToAttrs", at: position)
      let symbol = evaluator.symbols.intern(try evaluator.textValue(name, at: position))
      // Of two with one name the first counts.
      guard seen.insert(symbol).inserted else { continue }
      let value = try evaluator.required(known.value, of: pair, by: "listToAttrs", at: position)
      let place = pair.shape.index(of: known.value).map { pair.shape.keys[$0].position }
      builder.add(symbol, value, at: place ?? .none)
    }
    return .attributes(evaluator.set(builder))
  }

  private static func catAttrs(
    _ evaluator: Evaluator, _ name: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let symbol = evaluator.symbols.intern(try evaluator.textValue(name, at: position))
    var result = ContiguousArray<Value>()
    let list = try evaluator.listValue(list, at: position)
    try evaluator.spend(elements: list.count, at: position)
    for element in list.elements {
      let set = try evaluator.attributeSet(element, at: position)
      if let value = set[symbol] { result.append(value) }
    }
    return try evaluator.list(result)
  }

  private static func intersectAttrs(
    _ evaluator: Evaluator, _ left: Value, _ right: Value, _ position: Position
  ) throws(NixError) -> Value {
    let left = try evaluator.attributeSet(left, at: position)
    let right = try evaluator.attributeSet(right, at: position)
    try evaluator.spend(elements: right.count, at: position)
    return .attributes(evaluator.filtered(right) { left.shape.index(of: $0) != nil })
  }

  private static func zipAttrsWith(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position
  ) throws(NixError) -> Value {
    let function = try evaluator.functionValue(function, at: position)
    var groups: [Symbol: ContiguousArray<Value>] = [:]
    var count = 0
    for element in try evaluator.listValue(list, at: position).elements {
      let set = try evaluator.attributeSet(element, at: position)
      // Sets may be the same ones again and again.
      count += set.count
      try evaluator.check(listOf: count)
      for (key, value) in zip(set.shape.keys, set.values) {
        groups[key.symbol, default: []].append(value)
      }
    }
    try evaluator.check(suspensions: groups.count)
    var builder = AttributeBuilder(capacity: groups.count)
    for (symbol, values) in groups {
      let name = Value.string(evaluator.symbols.bytes(symbol))
      builder.add(
        symbol,
        evaluator.suspend(function, name, try evaluator.list(values), at: position))
    }
    return .attributes(evaluator.set(builder))
  }
}
