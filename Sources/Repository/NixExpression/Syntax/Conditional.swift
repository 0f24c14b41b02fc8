/// `if c then a else b`
final class Conditional: Expression {
  let condition: Expression
  let consequence: Expression
  let alternative: Expression

  init(
    _ condition: Expression, _ consequence: Expression, _ alternative: Expression,
    at position: Position
  ) {
    self.condition = condition
    self.consequence = consequence
    self.alternative = alternative
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try condition.bind(&binder)
    try consequence.bind(&binder)
    try alternative.bind(&binder)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    if try evaluator.boolean(condition, environment, at: position) {
      return try consequence.evaluate(environment, evaluator)
    }
    return try alternative.evaluate(environment, evaluator)
  }
}

/// `assert c; e`
final class Assertion: Expression {
  let condition: Expression
  let body: Expression
  /// The condition as it is written, for the error.
  let text: String

  init(_ condition: Expression, _ body: Expression, text: String, at position: Position) {
    self.condition = condition
    self.body = body
    self.text = text
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try condition.bind(&binder)
    try body.bind(&binder)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    guard try evaluator.boolean(condition, environment, at: position) else {
      throw evaluator.error(.assertion, "assertion '\(text)' failed", at: position)
    }
    return try body.evaluate(environment, evaluator)
  }
}

/// `with s; e`
final class With: Expression {
  let set: Expression
  let body: Expression

  init(_ set: Expression, _ body: Expression, at position: Position) {
    self.set = set
    self.body = body
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try set.bind(&binder)
    binder.enterWith()
    try body.bind(&binder)
    binder.leaveWith()
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    let scope = evaluator.heap.environment(in: environment, slots: 1)
    scope[0] = set.delayed(environment, evaluator)
    return try body.evaluate(scope, evaluator)
  }
}

/// `[ a b ]`
final class ListExpression: Expression {
  let elements: Slots<Code>

  init(_ elements: Slots<Code>, at position: Position) {
    self.elements = elements
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    for element in elements { try element.bind(&binder) }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try evaluator.check(listOf: elements.count)
    let values = evaluator.heap.slots(elements.count)
    for index in values.indices {
      values[index] = elements[index].delayed(environment, evaluator)
    }
    return .list(evaluator.heap.list(values))
  }
}

/// What several definitions have in common, `e` in `inherit (e) a b;`, so that its variables are found once.
final class Shared: Expression {
  let expression: Expression
  private var isBound = false

  init(_ expression: Expression, at position: Position) {
    self.expression = expression
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    guard !isBound else { return }
    isBound = true
    try expression.bind(&binder)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try expression.evaluate(environment, evaluator)
  }
}

/// An expression that is well formed but has no value here.
final class Refusal: Expression {
  let reason: String

  init(_ reason: String, at position: Position) {
    self.reason = reason
    super.init(at: position)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    throw evaluator.error(.io, reason, at: position)
  }
}
