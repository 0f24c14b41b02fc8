/// Definitions with a path (`a.b = 1;`), and of one name in several places.
extension Parser {
  /// Adds a definition, making or entering the sets on the way.
  func add(
    _ value: Expression, at path: Slots<PathStep>, to outer: SetExpression,
    _ position: Position
  ) throws(NixError) {
    var set = outer
    let last = path[path.count - 1]
    for index in 0..<path.count - 1 { set = try enter(path[index], of: set, path, position) }
    guard case .name(let symbol) = last else {
      if case .dynamic(let name) = last {
        set.add(
          SetExpression.DynamicDefinition(name: name, value: value, position: position))
      }
      return
    }
    guard let previous = set.definition(of: symbol) else {
      set.add(
        SetExpression.Definition(
          symbol: symbol, position: position, value: memory.own(value), isInherited: false))
      return Self.name(value, symbol)
    }
    guard let addition = value as? SetExpression,
      let target = previous.value.expression as? SetExpression
    else { throw duplicate(path, previous.position, at: position) }
    try merge(addition, into: target)
  }

  /// The set that a step of a path leads to, made if it is not there.
  private func enter(
    _ step: PathStep, of set: SetExpression, _ path: Slots<PathStep>,
    _ position: Position
  ) throws(NixError) -> SetExpression {
    switch step {
    case .dynamic(let name):
      let nested = SetExpression(isRecursive: false, memory, at: position)
      set.add(SetExpression.DynamicDefinition(name: name, value: nested, position: position))
      return nested
    case .name(let symbol):
      if let previous = set.definition(of: symbol) {
        guard !previous.isInherited, let target = previous.value.expression as? SetExpression
        else {
          throw duplicate(path, previous.position, at: position)
        }
        return target
      }
      let nested = SetExpression(isRecursive: false, memory, at: position)
      set.add(
        SetExpression.Definition(
          symbol: symbol, position: position, value: memory.own(nested), isInherited: false))
      return nested
    }
  }

  /// Two sets of one name become one; whether it is recursive is as the first was.
  private func merge(
    _ addition: SetExpression, into target: SetExpression
  ) throws(NixError) {
    for definition in addition.definitions {
      if let previous = target.definition(of: definition.symbol) {
        // As in Nix, the error is where the first one is.
        throw duplicate(
          memory.keep(CollectionOfOne(.name(definition.symbol))), definition.position,
          at: previous.position)
      }
      target.add(definition)
    }
    for definition in addition.dynamic { target.add(definition) }
  }

  func duplicate(
    _ path: Slots<PathStep>, _ previous: Position, at position: Position
  ) -> NixError {
    let written = path.map { step in
      switch step {
      case .name(let symbol): symbols.text(symbol)
      case .dynamic: "${…}"
      }
    }.joined(separator: ".")
    return failure(
      "attribute '\(written)' already defined\(place(previous).map { " at \($0)" } ?? "")",
      at: position)
  }

  /// Functions know the name they are bound to, also those that they return.
  private static func name(_ value: Expression, _ symbol: Symbol) {
    var next = value as? Lambda
    while let lambda = next {
      lambda.name = symbol
      next = lambda.body as? Lambda
    }
  }
}
