/// A function written in the language, with the variables it sees.
package final class Closure: HeapObject {
  let lambda: Lambda
  private(set) var environment: Environment?

  init(_ lambda: Lambda, in environment: Environment) {
    self.lambda = lambda
    self.environment = environment
  }

  override func dismantle() { environment = nil }
}

extension Value {
  /// Where a function was written.
  var position: Position? {
    if case .closure(let closure) = self { closure.lambda.position } else { nil }
  }
}

/// A function given as Swift code; its arguments come unforced.
package final class Primitive: HeapObject {
  typealias One = (Evaluator, Value, Position) throws(NixError) -> Value
  typealias Two = (Evaluator, Value, Value, Position) throws(NixError) -> Value
  typealias Three = (Evaluator, Value, Value, Value, Position) throws(NixError) -> Value
  typealias Many = (Evaluator, [Value], Position) throws(NixError) -> Value

  enum Body {
    case one(One)
    case two(Two)
    case three(Three)
    case many(Int, Many)
    case dismantled

    var arity: Int {
      switch self {
      case .one: 1
      case .two: 2
      case .three: 3
      case .many(let count, _): count
      case .dismantled: 1
      }
    }
  }

  let name: String
  let arity: Int
  private(set) var body: Body

  init(_ name: String, _ body: Body) {
    self.name = name
    self.body = body
    arity = body.arity
  }

  /// Calls it with exactly as many arguments as it takes.
  func call(
    _ evaluator: Evaluator, _ arguments: [Value], at position: Position
  ) throws(NixError) -> Value {
    switch body {
    case .one(let body): try body(evaluator, arguments[0], position)
    case .two(let body): try body(evaluator, arguments[0], arguments[1], position)
    case .three(let body):
      try body(evaluator, arguments[0], arguments[1], arguments[2], position)
    case .many(_, let body): try body(evaluator, arguments, position)
    case .dismantled: throw NixError(.argument, "calling '\(name)': its evaluator is gone")
    }
  }

  override func dismantle() { body = .dismantled }
}

/// A primitive that still waits for arguments.
package final class PartialApplication: HeapObject {
  let function: Primitive
  private(set) var arguments: [Value]

  init(_ function: Primitive, _ arguments: [Value]) {
    self.function = function
    self.arguments = arguments
  }

  override func dismantle() { arguments = [] }
}
