/// One step of an attribute path.
enum PathStep {
  case name(Symbol)
  case dynamic(Expression)

  func bind(_ binder: inout Binder) throws(NixError) {
    if case .dynamic(let expression) = self { try expression.bind(&binder) }
  }

  func symbol(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Symbol {
    switch self {
    case .name(let symbol): return symbol
    case .dynamic(let expression):
      let name = try expression.evaluate(environment, evaluator)
      return evaluator.symbols.intern(
        try evaluator.textValue(name, at: expression.position))
    }
  }
}

/// `e.a.b` or `e.a.b or d`
final class Selection: Expression {
  let subject: Expression
  let path: Slots<PathStep>
  let fallback: Expression?

  init(
    _ subject: Expression, _ path: Slots<PathStep>, fallback: Expression?,
    at position: Position
  ) {
    self.subject = subject
    self.path = path
    self.fallback = fallback
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try subject.bind(&binder)
    for step in path { try step.bind(&binder) }
    try fallback?.bind(&binder)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    var value = try subject.evaluate(environment, evaluator)
    for step in path {
      let symbol = try step.symbol(environment, evaluator)
      guard case .attributes(let set) = value else {
        if let fallback { return try fallback.evaluate(environment, evaluator) }
        throw evaluator.mismatch(value, .set, at: position)
      }
      guard let index = set.shape.index(of: symbol) else {
        if let open = set.shape.open, let found = try open.value(of: symbol, evaluator) {
          do throws(NixError) {
            value = try evaluator.force(found, at: position)
          } catch {
            // What the host makes has no place of its own.
            error.locate(evaluator.sources.place(position))
            throw error
          }
          continue
        }
        if let fallback { return try fallback.evaluate(environment, evaluator) }
        throw evaluator.missingAttribute(symbol, in: set, at: position)
      }
      guard case .thunk(let thunk) = set.values[index] else {
        value = set.values[index]
        continue
      }
      do throws(NixError) {
        value = try evaluator.force(thunk, at: position)
      } catch {
        evaluator.note(
          error, "while evaluating the attribute '\(described(evaluator))'",
          at: set.shape.keys[index].position)
        throw error
      }
      set.values[index] = value
    }
    return value
  }

  private func described(_ evaluator: Evaluator) -> String {
    path.map { step in
      switch step {
      case .name(let symbol): evaluator.symbols.text(symbol)
      case .dynamic: "${…}"
      }
    }.joined(separator: ".")
  }
}

/// `e ? a.b`
final class HasAttribute: Expression {
  let subject: Expression
  let path: Slots<PathStep>

  init(_ subject: Expression, _ path: Slots<PathStep>, at position: Position) {
    self.subject = subject
    self.path = path
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try subject.bind(&binder)
    for step in path { try step.bind(&binder) }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    var value = try subject.evaluate(environment, evaluator)
    for (index, step) in path.enumerated() {
      let symbol = try step.symbol(environment, evaluator)
      guard case .attributes(let set) = value,
        let found = try evaluator.attribute(symbol, of: set)
      else { return .bool(false) }
      // The last attribute is there whatever its value is.
      if index < path.count - 1 { value = try evaluator.force(found, at: position) }
    }
    return .bool(true)
  }
}
