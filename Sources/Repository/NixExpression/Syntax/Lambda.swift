/// A function: `x: e`, `{ a, b ? 1, ... }: e` or `s@{ … }: e`.
final class Lambda: Expression {
  struct Formal {
    let symbol: Symbol
    let position: Position
    let defaultValue: Code?
  }

  struct Formals {
    /// In the order of the source.
    let list: Slots<Formal>
    let hasEllipsis: Bool
  }

  /// The argument's name: before `:`, or beside `@`.
  let argument: Symbol?
  let formals: Formals?
  let body: Expression
  /// What the function is bound to, for errors.
  var name: Symbol?
  /// The formals' symbols, to check an argument for others.
  private let known: Set<Symbol>

  init(argument: Symbol?, formals: Formals?, body: Expression, at position: Position) {
    self.argument = argument
    self.formals = formals
    self.body = body
    known = Set(formals?.list.map(\.symbol) ?? [])
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    var names: [Symbol] = argument.map { [$0] } ?? []
    if let formals { names += formals.list.map(\.symbol) }
    binder.enter(names)
    for formal in formals?.list ?? .none { try formal.defaultValue?.bind(&binder) }
    try body.bind(&binder)
    binder.leave()
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    .closure(evaluator.heap.closure(self, in: environment))
  }

  override func delayed(
    _ environment: Environment, _ evaluator: Evaluator, filling: Bool
  ) -> Value {
    .closure(evaluator.heap.closure(self, in: environment))
  }

  /// The value of its body for an argument.
  @inline(__always)
  func call(
    _ argument: Value, in environment: Environment, _ evaluator: Evaluator, at position: Position
  ) throws(NixError) -> Value {
    let scope = try scope(of: argument, in: environment, evaluator, at: position)
    do throws(NixError) {
      return try body.evaluate(scope, evaluator)
    } catch {
      if error.wantsFrames {
        let name = described(evaluator, anonymous: "anonymous lambda")
        evaluator.note(error, "while evaluating \(name)", at: self.position)
        evaluator.note(error, "from call site", at: position)
      }
      throw error
    }
  }

  /// The variables of its body for one call.
  private func scope(
    of argumentValue: Value, in environment: Environment, _ evaluator: Evaluator,
    at position: Position
  ) throws(NixError) -> Environment {
    guard let formals else {
      let scope = evaluator.heap.environment(in: environment, slots: 1)
      scope[0] = argumentValue
      return scope
    }
    let set = try evaluator.attributeSet(
      try evaluator.force(argumentValue, at: position), at: position)
    let offset = argument == nil ? 0 : 1
    let slots = formals.list.count + offset
    let scope = evaluator.heap.environment(in: environment, slots: slots)
    if argument != nil { scope[0] = .attributes(set) }
    var used = 0
    for (index, formal) in formals.list.enumerated() {
      if let value = set[formal.symbol] {
        scope[index + offset] = value
        used += 1
      } else if let defaultValue = formal.defaultValue {
        scope[index + offset] = defaultValue.delayed(scope, evaluator, filling: true)
      } else {
        throw mismatch("without required", formal.symbol, evaluator, at: position)
      }
    }
    if !formals.hasEllipsis, used < set.count,
      let key = set.shape.keys.first(where: { !known.contains($0.symbol) })
    {
      throw mismatch("with unexpected", key.symbol, evaluator, at: position)
    }
    return scope
  }

  private func mismatch(
    _ phrase: String, _ symbol: Symbol, _ evaluator: Evaluator, at position: Position
  ) -> NixError {
    let place = evaluator.sources.place(self.position).map { " at \($0)" } ?? ""
    return evaluator.error(
      .call,
      "\(described(evaluator, anonymous: "anonymous function"))\(place) called \(phrase) argument "
        + "'\(evaluator.symbols.text(symbol))'", at: position)
  }

  func described(_ evaluator: Evaluator, anonymous: String) -> String {
    name.map { "'\(evaluator.symbols.text($0))'" } ?? anonymous
  }
}

/// `f a b`
final class Call: Expression {
  let function: Expression
  let arguments: Slots<Code>

  init(_ function: Expression, _ arguments: Slots<Code>, at position: Position) {
    self.function = function
    self.arguments = arguments
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try function.bind(&binder)
    for argument in arguments { try argument.bind(&binder) }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    var value = try function.evaluate(environment, evaluator)
    var index = 0
    while index < arguments.count {
      if case .primitive(let primitive) = value, arguments.count - index >= primitive.arity {
        value = try evaluator.enter(
          primitive, arguments, from: index, environment, at: position)
        index += primitive.arity
      } else {
        value = try evaluator.call(
          value, arguments[index].delayed(environment, evaluator), at: position)
        index += 1
      }
    }
    return value
  }
}
