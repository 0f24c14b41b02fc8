/// `{ … }` or `rec { … }`
final class SetExpression: Expression {
  struct Definition {
    let symbol: Symbol
    var value: Expression
    let position: Position
    /// From `inherit x`, which means the variable around the set even in a `rec`.
    let isInherited: Bool
  }

  struct DynamicDefinition {
    let name: Expression
    let value: Expression
    let position: Position
  }

  var isRecursive: Bool
  /// In the order of the source while it is parsed, by symbol once bound.
  private(set) var definitions: ContiguousArray<Definition> = []
  private(set) var dynamic: ContiguousArray<DynamicDefinition> = []
  private var indices: [Symbol: Int] = [:]
  private var sealed: Shape?
  private var overridesSlot: Int?

  init(isRecursive: Bool, at position: Position) {
    self.isRecursive = isRecursive
    super.init(at: position)
  }

  func definition(of symbol: Symbol) -> Definition? {
    // Most sets are small, and a table for each would cost more than looking through it.
    if definitions.count <= 8 { return definitions.first { $0.symbol == symbol } }
    if indices.count < definitions.count {
      for index in indices.count..<definitions.count { indices[definitions[index].symbol] = index }
    }
    return indices[symbol].map { definitions[$0] }
  }

  func add(_ definition: Definition) { definitions.append(definition) }
  func add(_ definition: DynamicDefinition) { dynamic.append(definition) }

  /// Makes the shape; the definitions are then in its order.
  func seal() {
    indices = [:]
    definitions.sort { $0.symbol.index < $1.symbol.index }
    sealed = Shape(
      ContiguousArray(definitions.map { Shape.Key(symbol: $0.symbol, position: $0.position) }))
  }

  private var shape: Shape { sealed ?? Shape([]) }

  override func bind(_ binder: inout Binder) throws(NixError) {
    seal()
    if isRecursive {
      overridesSlot = shape.index(of: binder.symbols.known.overrides)
      for definition in definitions where definition.isInherited {
        try definition.value.bind(&binder)
      }
      binder.enter(definitions.lazy.map(\.symbol))
    }
    for definition in definitions where !(isRecursive && definition.isInherited) {
      try definition.value.bind(&binder)
    }
    for definition in dynamic {
      try definition.name.bind(&binder)
      try definition.value.bind(&binder)
    }
    if isRecursive { binder.leave() }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    var values = ContiguousArray<Value>()
    values.reserveCapacity(definitions.count)
    var scope = environment
    if isRecursive {
      scope = fill(environment, evaluator)
      for slot in definitions.indices { values.append(scope[slot]) }
    } else {
      for definition in definitions {
        values.append(definition.value.delayed(environment, evaluator))
      }
    }
    var set = evaluator.set(shape, values)
    if let overridesSlot { set = try override(set, scope, overridesSlot, evaluator) }
    return .attributes(dynamic.isEmpty ? set : try addDynamic(to: set, scope, evaluator))
  }

  /// The environment of a `rec` or `let`, with every definition suspended in it.
  func fill(_ environment: Environment, _ evaluator: Evaluator) -> Environment {
    let scope = evaluator.heap.adopt(
      Environment(in: environment, slots: definitions.count), bytes: 64 + definitions.count * 16)
    for (slot, definition) in definitions.enumerated() {
      scope[slot] =
        definition.isInherited
        ? definition.value.delayed(environment, evaluator)
        : definition.value.delayed(scope, evaluator, filling: true)
    }
    return scope
  }

  /// The old `__overrides` of `rec`: its attributes replace the definitions, also where they are used.
  private func override(
    _ set: AttributeSet, _ scope: Environment, _ slot: Int, _ evaluator: Evaluator
  ) throws(NixError) -> AttributeSet {
    let overrides = try evaluator.attributeSet(
      try evaluator.force(set.values[slot], at: position), at: position)
    for (key, value) in zip(overrides.shape.keys, overrides.values) {
      if let index = shape.index(of: key.symbol) { scope[index] = value }
    }
    return evaluator.update(set, overrides)
  }

  private func addDynamic(
    to set: AttributeSet, _ scope: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> AttributeSet {
    var seen: [Symbol: Position] = [:]
    for key in shape.keys { seen[key.symbol] = key.position }
    var builder = AttributeBuilder(capacity: set.count + dynamic.count)
    for (key, value) in zip(set.shape.keys, set.values) {
      builder.add(key.symbol, value, at: key.position)
    }
    for definition in dynamic {
      let name = try definition.name.evaluate(scope, evaluator)
      if case .null = name { continue }
      let symbol = evaluator.symbols.intern(
        try evaluator.stringValue(name, at: definition.position))
      if let previous = seen.updateValue(definition.position, forKey: symbol) {
        let place = evaluator.sources.place(previous).map { " at \($0)" } ?? ""
        throw evaluator.error(
          .argument,
          "dynamic attribute '\(evaluator.symbols.text(symbol))' already defined\(place)",
          at: definition.position)
      }
      builder.add(
        symbol, definition.value.delayed(scope, evaluator), at: definition.position)
    }
    let (shape, values) = builder.finish()
    return evaluator.set(shape, values)
  }
}

/// `let … in e`
final class Let: Expression {
  let bindings: SetExpression
  let body: Expression

  init(_ bindings: SetExpression, _ body: Expression, at position: Position) {
    self.bindings = bindings
    self.body = body
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    bindings.seal()
    for definition in bindings.definitions where definition.isInherited {
      try definition.value.bind(&binder)
    }
    binder.enter(bindings.definitions.lazy.map(\.symbol))
    for definition in bindings.definitions where !definition.isInherited {
      try definition.value.bind(&binder)
    }
    try body.bind(&binder)
    binder.leave()
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try body.evaluate(bindings.fill(environment, evaluator), evaluator)
  }
}
