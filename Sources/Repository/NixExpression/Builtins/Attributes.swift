/// Sets, one at a time.
extension Builtins {
  static func registerAttributes(in registry: inout Globals.Registry) {
    registry.add(
      "attrNames", "set", "The names of a set, in order.", .one(attrNames))
    registry.add(
      "attrValues", "set", "The values of a set, in the order of their names.", .one(attrValues))
    registry.add(
      "getAttr", "name set", "The attribute of that name; an error if it is missing.",
      .two(getAttr))
    registry.add(
      "hasAttr", "name set", "Whether a set has an attribute.", .two(hasAttr))
    registry.add(
      "removeAttrs", "set names", "The set without the attributes of those names.",
      .two(removeAttrs))
    registry.add(
      "mapAttrs", "function set", "The set with each value replaced by `function name value`.",
      .two(mapAttrs))
  }

  private static func attrNames(
    _ evaluator: Evaluator, _ set: Value, _ position: Position
  ) throws(NixError) -> Value {
    let set = try evaluator.attributeSet(set, at: position)
    var names = ContiguousArray<Value>()
    names.reserveCapacity(set.count)
    for index in set.shape.orderedByName(evaluator.symbols) {
      names.append(.string(evaluator.symbols.bytes(set.shape.keys[Int(index)].symbol)))
    }
    return try evaluator.list(names)
  }

  private static func attrValues(
    _ evaluator: Evaluator, _ set: Value, _ position: Position
  ) throws(NixError) -> Value {
    let set = try evaluator.attributeSet(set, at: position)
    var values = ContiguousArray<Value>()
    values.reserveCapacity(set.count)
    for index in set.shape.orderedByName(evaluator.symbols) {
      values.append(set.values[Int(index)])
    }
    return try evaluator.list(values)
  }

  private static func getAttr(
    _ evaluator: Evaluator, _ name: Value, _ set: Value, _ position: Position
  ) throws(NixError) -> Value {
    let symbol = evaluator.symbols.intern(try evaluator.textValue(name, at: position))
    let set = try evaluator.attributeSet(set, at: position)
    return try evaluator.required(symbol, of: set, by: "getAttr", at: position)
  }

  private static func hasAttr(
    _ evaluator: Evaluator, _ name: Value, _ set: Value, _ position: Position
  ) throws(NixError) -> Value {
    let symbol = evaluator.symbols.intern(try evaluator.textValue(name, at: position))
    let set = try evaluator.attributeSet(set, at: position)
    return .bool(try evaluator.attribute(symbol, of: set) != nil)
  }

  private static func removeAttrs(
    _ evaluator: Evaluator, _ set: Value, _ names: Value, _ position: Position
  ) throws(NixError) -> Value {
    let set = try evaluator.attributeSet(set, at: position)
    let names = try evaluator.listValue(names, at: position)
    try evaluator.spend(elements: set.count + names.count, at: position)
    var removed = Set<Symbol>()
    for name in names.elements {
      removed.insert(evaluator.symbols.intern(try evaluator.textValue(name, at: position)))
    }
    return .attributes(evaluator.filtered(set) { !removed.contains($0) })
  }

  private static func mapAttrs(
    _ evaluator: Evaluator, _ function: Value, _ set: Value, _ position: Position
  ) throws(NixError) -> Value {
    let set = try evaluator.attributeSet(set, at: position)
    try evaluator.check(suspensions: set.count)
    let values = evaluator.heap.slots(set.count)
    for (slot, key) in set.shape.keys.enumerated() {
      let name = Value.string(evaluator.symbols.bytes(key.symbol))
      values[slot] = evaluator.suspend(function, name, set.values[slot], at: position)
    }
    return .attributes(evaluator.heap.set(set.shape, values))
  }
}

extension Evaluator {
  /// The attributes whose names the predicate wants.
  func filtered(_ set: AttributeSet, _ wants: (Symbol) -> Bool) -> AttributeSet {
    var (keys, values) = (ContiguousArray<Shape.Key>(), ContiguousArray<Value>())
    for (key, value) in zip(set.shape.keys, set.values) where wants(key.symbol) {
      keys.append(key)
      values.append(value)
    }
    return heap.set(heap.shape(keys, open: set.shape.open), heap.slots(values))
  }
}
