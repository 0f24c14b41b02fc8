/// Forcing suspended values and calling functions.
extension Evaluator {
  @inline(__always)
  func force(_ value: Value, at position: Position) throws(NixError) -> Value {
    guard case .thunk(let thunk) = value else { return value }
    return try force(thunk, at: position)
  }

  func force(_ thunk: Thunk, at position: Position) throws(NixError) -> Value {
    switch thunk.state {
    case .evaluated: return thunk.value
    case .blackholed:
      throw error(.infiniteRecursion, "infinite recursion encountered", at: position)
    case .suspended: break
    }
    guard let expression = thunk.expression, let environment = thunk.environment else {
      throw error(.argument, "the value's evaluator is gone", at: position)
    }
    try descend(at: position)
    defer { ascend() }
    thunk.state = .blackholed
    do throws(NixError) {
      let value = try expression.evaluate(environment, self)
      thunk.value = value
      thunk.state = .evaluated
      thunk.expression = nil
      thunk.environment = nil
      return value
    } catch {
      // Whoever asks again gets the same error again.
      thunk.state = .suspended
      throw error
    }
  }

  /// Calls a function with one argument, which may be suspended.
  func call(
    _ function: Value, _ argument: Value, at position: Position
  ) throws(NixError) -> Value {
    switch function {
    case .closure(let closure): return try enter(closure, argument, at: position)
    case .primitive(let primitive):
      if primitive.arity == 1 {
        return try enter(primitive, [argument], at: position)
      }
      return .partial(
        heap.adopt(PartialApplication(primitive, [argument]), bytes: 96))
    case .partial(let partial):
      let arguments = partial.arguments + [argument]
      if arguments.count == partial.function.arity {
        return try enter(partial.function, arguments, at: position)
      }
      return .partial(
        heap.adopt(PartialApplication(partial.function, arguments), bytes: 112))
    case .attributes(let set):
      guard let functor = set[symbols.known.functor] else { break }
      let bound = try call(try force(functor, at: position), function, at: position)
      return try call(bound, argument, at: position)
    case .thunk(let thunk):
      return try call(try force(thunk, at: position), argument, at: position)
    default: break
    }
    throw error(
      .type, "attempt to call something which is not a function but \(function.phrase)",
      at: position)
  }

  func call(
    _ function: Value, _ first: Value, _ second: Value, at position: Position
  ) throws(NixError) -> Value {
    if case .primitive(let primitive) = function, primitive.arity == 2 {
      return try enter(primitive, [first, second], at: position)
    }
    return try call(try call(function, first, at: position), second, at: position)
  }

  private func enter(
    _ closure: Closure, _ argument: Value, at position: Position
  ) throws(NixError) -> Value {
    guard let environment = closure.environment else {
      throw error(.argument, "the function's evaluator is gone", at: position)
    }
    try descend(at: position)
    defer { ascend() }
    let lambda = closure.lambda
    let scope = try lambda.scope(of: argument, in: environment, self, at: position)
    do throws(NixError) {
      return try lambda.body.evaluate(scope, self)
    } catch {
      if error.wantsFrames {
        let name = lambda.described(self, anonymous: "anonymous lambda")
        note(error, "while evaluating \(name)", at: lambda.position)
        note(error, "from call site", at: position)
      }
      throw error
    }
  }

  func enter(
    _ primitive: Primitive, _ arguments: [Value], at position: Position
  ) throws(NixError) -> Value {
    try descend(at: position)
    defer { ascend() }
    return try force(
      try primitive.call(self, arguments, at: position), at: position)
  }

  /// Calls a primitive with arguments that are still expressions, without an array for few of them.
  func enter(
    _ primitive: Primitive, _ arguments: ArraySlice<Expression>, _ environment: Environment,
    at position: Position
  ) throws(NixError) -> Value {
    try descend(at: position)
    defer { ascend() }
    let first = arguments[arguments.startIndex].delayed(environment, self)
    switch primitive.body {
    case .one(let body): return try force(try body(self, first, position), at: position)
    case .two(let body):
      let second = arguments[arguments.startIndex + 1].delayed(environment, self)
      return try force(try body(self, first, second, position), at: position)
    default:
      let values = arguments.map { $0.delayed(environment, self) }
      return try force(
        try primitive.call(self, values, at: position), at: position)
    }
  }

  /// A value for later: a function's result for an argument.
  func suspend(_ function: Value, _ argument: Value, at position: Position) -> Value {
    suspend(Application(function, [argument], at: position))
  }

  func suspend(
    _ function: Value, _ first: Value, _ second: Value, at position: Position
  ) -> Value {
    suspend(Application(function, [first, second], at: position))
  }

  func suspend(_ expression: Expression) -> Value {
    .thunk(heap.adopt(Thunk(expression, in: root), bytes: Self.suspendedBytes))
  }

  /// What one suspended call takes: the thunk, the application and its arguments.
  private static var suspendedBytes: Int { 160 }

  /// Whether so many calls may be suspended, each with a place in a list or set.
  func check(suspensions count: Int) throws(NixError) {
    try check(memoryFor: count, each: Self.suspendedBytes + 16)
  }
}

/// The call of a function that is a value already, as builtins such as `map` suspend it.
final class Application: Expression {
  private let function: Value
  private let arguments: [Value]

  init(_ function: Value, _ arguments: [Value], at position: Position) {
    self.function = function
    self.arguments = arguments
    super.init(at: position)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    var value = function
    for argument in arguments { value = try evaluator.call(value, argument, at: position) }
    return value
  }
}

/// A value that Swift code computes when it is needed.
final class HostExpression: Expression {
  private let body: (Evaluator) throws(NixError) -> Value

  init(_ body: @escaping (Evaluator) throws(NixError) -> Value) {
    self.body = body
    super.init(at: .none)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try evaluator.force(try body(evaluator), at: position)
  }
}
