/// Forcing suspended values and calling functions.
extension Evaluator {
  @inline(__always)
  func force(_ value: Value, at position: Position) throws(NixError) -> Value {
    guard case .thunk(let thunk) = value else { return value }
    return try force(thunk, at: position)
  }

  func force(_ thunk: Thunk, at position: Position) throws(NixError) -> Value {
    let state = thunk.state
    if case .evaluated(let value) = state { return value }
    return try evaluate(thunk, state, at: position)
  }

  private func evaluate(
    _ thunk: Thunk, _ state: Thunk.State, at position: Position
  ) throws(NixError) -> Value {
    if case .blackholed = state {
      throw error(.infiniteRecursion, "infinite recursion encountered", at: position)
    }
    try descend(at: position)
    defer { ascend() }
    thunk.state = .blackholed
    do throws(NixError) {
      let value =
        switch state {
        case .suspended(let expression, let environment):
          try expression.evaluate(environment, self)
        case .call(let call): try resume(call)
        case .evaluated(let value): value
        case .blackholed: Value.null
        }
      thunk.state = .evaluated(value)
      return value
    } catch {
      // Whoever asks again gets the same error again.
      thunk.state = state
      throw error
    }
  }

  private func resume(_ suspended: SuspendedCall) throws(NixError) -> Value {
    var value = suspended.values[0]
    for argument in suspended.values.tail {
      value = try call(value, argument, at: suspended.position)
    }
    return value
  }

  /// Calls a function with one argument, which may be suspended.
  func call(
    _ function: Value, _ argument: Value, at position: Position
  ) throws(NixError) -> Value {
    switch function {
    case .closure(let closure): return try enter(closure, argument, at: position)
    case .primitive(let primitive):
      if primitive.arity == 1 {
        return try enter(primitive, CollectionOfOne(argument), at: position)
      }
      return .partial(heap.partial(primitive, CollectionOfOne(argument)))
    case .partial(let partial):
      let arguments = Array(partial.arguments) + CollectionOfOne(argument)
      if arguments.count == partial.function.arity {
        return try enter(partial.function, arguments, at: position)
      }
      return .partial(heap.partial(partial.function, arguments))
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
    try descend(at: position)
    defer { ascend() }
    return try closure.withLambda { lambda throws(NixError) in
      try lambda.call(argument, in: closure.environment, self, at: position)
    }
  }

  func enter(
    _ primitive: Primitive, _ arguments: some RandomAccessCollection<Value>,
    at position: Position
  ) throws(NixError) -> Value {
    try descend(at: position)
    defer { ascend() }
    return try force(
      try primitive.call(self, arguments, at: position), at: position)
  }

  /// Calls a primitive with arguments that are still expressions, without an array for few of them.
  func enter(
    _ primitive: Primitive, _ arguments: Slots<Code>, from start: Int,
    _ environment: Environment, at position: Position
  ) throws(NixError) -> Value {
    try descend(at: position)
    defer { ascend() }
    let first = arguments[start].delayed(environment, self)
    switch primitive.body {
    case .one(let body): return try force(try body(self, first, position), at: position)
    case .two(let body):
      let second = arguments[start + 1].delayed(environment, self)
      return try force(try body(self, first, second, position), at: position)
    default:
      let values = (start..<start + primitive.arity).map {
        arguments[$0].delayed(environment, self)
      }
      return try force(
        try primitive.call(self, values, at: position), at: position)
    }
  }

  /// A value for later: a function's result for an argument.
  func suspend(_ function: Value, _ argument: Value, at position: Position) -> Value {
    let values = heap.slots(2)
    values[0] = function
    values[1] = argument
    return .thunk(heap.thunk(.call(SuspendedCall(values: values, position: position))))
  }

  func suspend(
    _ function: Value, _ first: Value, _ second: Value, at position: Position
  ) -> Value {
    let values = heap.slots(3)
    values[0] = function
    values[1] = first
    values[2] = second
    return .thunk(heap.thunk(.call(SuspendedCall(values: values, position: position))))
  }

  /// A value for later that Swift code computes.
  func suspend(_ expression: HostExpression) -> Value {
    heap.own(expression)
    return .thunk(heap.thunk(.suspended(Code(expression), root)))
  }

  /// What one suspended call takes at most.
  private static var suspendedBytes: Int {
    MemoryLayout<Thunk.State>.stride + 3 * MemoryLayout<Value>.stride
  }

  /// Whether so many calls may be suspended, each with a place in a list or set.
  func check(suspensions count: Int) throws(NixError) {
    try check(memoryFor: count, each: Self.suspendedBytes + 16)
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
