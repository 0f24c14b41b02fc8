/// `{ … }` or `rec { … }`
final class SetExpression: Expression {
  struct Definition {
    let symbol: Symbol
    let position: Position
    let value: Code
    /// From `inherit x`, which means the variable around the set even in a `rec`.
    let isInherited: Bool
  }

  struct DynamicDefinition {
    let name: Expression
    let value: Expression
    let position: Position
  }

  let isRecursive: Bool
  /// Not kept: the memory keeps the expressions.
  private unowned let memory: SyntaxMemory
  /// In the order of the source while it is parsed, in that of the shape once bound; there may be room for more.
  private var room = Slots<Definition>.none
  private var count = 0
  /// Where the definition of a symbol is, of a set of more than a few.
  private var places: SymbolIndex?
  private(set) var dynamic: ContiguousArray<DynamicDefinition> = []
  private var hasDynamic = false

  // Once bound.
  private var shape: Shape?
  private var overridesSlot: Int?

  init(isRecursive: Bool, _ memory: SyntaxMemory, at position: Position) {
    self.isRecursive = isRecursive
    self.memory = memory
    super.init(at: position)
  }

  var definitions: Slots<Definition> { room.prefix(count) }

  func definition(of symbol: Symbol) -> Definition? {
    let definitions = definitions
    if let places { return places[symbol].map { definitions[$0] } }
    for index in definitions.indices where definitions[index].symbol == symbol {
      return definitions[index]
    }
    return nil
  }

  func add(_ definition: Definition) {
    if count == room.count {
      let larger = memory.slots(definition, count: max(1, count * 4))
      larger.copy(definitions, at: 0)
      room = larger
    }
    room[count] = definition
    count += 1
    // Most sets are small, and a table for each would cost more than looking through it.
    if let places {
      places.add(definition.symbol, at: count - 1)
    } else if count > 8 {
      let places = SymbolIndex(memory)
      for (place, definition) in definitions.enumerated() {
        places.add(definition.symbol, at: place)
      }
      self.places = places
    }
  }

  func add(_ definition: DynamicDefinition) {
    hasDynamic = true
    dynamic.append(definition)
  }

  /// Brings the definitions into the order of their symbols, and finds their variables: those of `inherit x` where
  /// the set is, the others, if its names are variables, in the scope that is entered, and not left.
  func seal(_ binder: inout Binder, entering: Bool) throws(NixError) {
    var definitions = definitions
    if count > 1 { definitions.sort { $0.symbol.index < $1.symbol.index } }
    places = nil
    let keys = binder.heap.keys(count)
    for slot in keys.indices {
      keys[slot] = Shape.Key(
        symbol: definitions[slot].symbol, position: definitions[slot].position)
    }
    shape = binder.heap.shape(keys)
    if entering {
      for definition in definitions where definition.isInherited {
        try definition.value.bind(&binder)
      }
      binder.enter(definitions.lazy.map(\.symbol))
    }
    for definition in definitions where !(entering && definition.isInherited) {
      try definition.value.bind(&binder)
    }
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try seal(&binder, entering: isRecursive)
    if isRecursive { overridesSlot = shape?.index(of: binder.symbols.known.overrides) }
    if hasDynamic {
      for definition in dynamic {
        try definition.name.bind(&binder)
        try definition.value.bind(&binder)
      }
    }
    if isRecursive { binder.leave() }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    guard let shape else { return .null }
    let values = evaluator.heap.slots(shape.keys.count)
    var scope = environment
    if isRecursive {
      scope = fill(environment, evaluator)
      for slot in values.indices { values[slot] = scope[slot] }
    } else {
      let definitions = definitions
      for slot in values.indices {
        values[slot] = definitions[slot].value.delayed(environment, evaluator)
      }
    }
    var set = evaluator.heap.set(shape, values)
    if let overridesSlot { set = try override(set, scope, overridesSlot, evaluator) }
    return .attributes(hasDynamic ? try addDynamic(to: set, scope, evaluator) : set)
  }

  /// The environment of a `rec` or `let`, with every definition suspended in it.
  func fill(_ environment: Environment, _ evaluator: Evaluator) -> Environment {
    let definitions = definitions
    let scope = evaluator.heap.environment(in: environment, slots: definitions.count)
    let slots = scope.slots
    for slot in slots.indices {
      slots[slot] =
        definitions[slot].isInherited
        ? definitions[slot].value.delayed(environment, evaluator)
        : definitions[slot].value.delayed(scope, evaluator, filling: true)
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
      if let index = set.shape.index(of: key.symbol) { scope[index] = value }
    }
    return evaluator.update(set, overrides)
  }

  private func addDynamic(
    to set: AttributeSet, _ scope: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> AttributeSet {
    var seen: [Symbol: Position] = [:]
    for key in set.shape.keys { seen[key.symbol] = key.position }
    var builder = AttributeBuilder(capacity: set.count + dynamic.count)
    for (key, value) in zip(set.shape.keys, set.values) {
      builder.add(key.symbol, value, at: key.position)
    }
    for definition in dynamic {
      let name = try definition.name.evaluate(scope, evaluator)
      if case .null = name { continue }
      let symbol = evaluator.symbols.intern(
        try evaluator.textValue(name, at: definition.position))
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
    return evaluator.set(builder)
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
    try bindings.seal(&binder, entering: true)
    try body.bind(&binder)
    binder.leave()
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try body.evaluate(bindings.fill(environment, evaluator), evaluator)
  }
}
