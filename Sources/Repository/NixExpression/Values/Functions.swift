/// A function written in the language, with the variables it sees.
@safe package struct Closure {
  @safe struct Storage {
    /// Its evaluator keeps the source that it is part of.
    let lambda: Unmanaged<Lambda>
    let environment: Environment
  }

  private let storage: UnsafeMutablePointer<Storage>

  @unsafe init(_ storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = unsafe storage }

  var lambda: Lambda {
    @inline(__always) get { unsafe storage.pointee.lambda.takeUnretainedValue() }
  }

  /// Gives the lambda to a body without counting the reference, for the most frequent of calls.
  @inline(__always)
  func withLambda(
    _ body: (Lambda) throws(NixError) -> Value
  ) throws(NixError) -> Value {
    try unsafe storage.pointee.lambda.borrowed(body)
  }

  var environment: Environment {
    @inline(__always) get { unsafe storage.pointee.environment }
  }

  static func === (left: Closure, right: Closure) -> Bool { unsafe left.storage == right.storage }
}

extension Value {
  /// Where a function was written.
  var position: Position? {
    if case .closure(let closure) = self { closure.lambda.position } else { nil }
  }
}

/// A function given as Swift code; its arguments come unforced.
@safe package struct Primitive {
  typealias One = (Evaluator, Value, Position) throws(NixError) -> Value
  typealias Two = (Evaluator, Value, Value, Position) throws(NixError) -> Value
  typealias Three = (Evaluator, Value, Value, Value, Position) throws(NixError) -> Value
  typealias Many = (Evaluator, [Value], Position) throws(NixError) -> Value

  enum Body {
    case one(One)
    case two(Two)
    case three(Three)
    case many(Int, Many)

    var arity: Int {
      switch self {
      case .one: 1
      case .two: 2
      case .three: 3
      case .many(let count, _): count
      }
    }
  }

  struct Storage {
    let name: String
    let arity: Int
    let body: Body
  }

  private let storage: UnsafeMutablePointer<Storage>

  @unsafe init(_ storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = unsafe storage }

  var name: String { unsafe storage.pointee.name }
  var arity: Int { unsafe storage.pointee.arity }
  var body: Body { unsafe storage.pointee.body }

  /// Calls it with exactly as many arguments as it takes.
  func call(
    _ evaluator: Evaluator, _ arguments: some RandomAccessCollection<Value>, at position: Position
  ) throws(NixError) -> Value {
    func argument(_ index: Int) -> Value {
      arguments[arguments.index(arguments.startIndex, offsetBy: index)]
    }
    return switch body {
    case .one(let body): try body(evaluator, argument(0), position)
    case .two(let body): try body(evaluator, argument(0), argument(1), position)
    case .three(let body):
      try body(evaluator, argument(0), argument(1), argument(2), position)
    case .many(_, let body): try body(evaluator, Array(arguments), position)
    }
  }

  static func === (left: Primitive, right: Primitive) -> Bool {
    unsafe left.storage == right.storage
  }
}

/// A primitive that still waits for arguments.
@safe package struct PartialApplication {
  struct Storage {
    let function: Primitive
    let arguments: Slots<Value>
  }

  private let storage: UnsafeMutablePointer<Storage>

  @unsafe init(_ storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = unsafe storage }

  var function: Primitive { unsafe storage.pointee.function }
  var arguments: Slots<Value> { unsafe storage.pointee.arguments }

  static func === (left: PartialApplication, right: PartialApplication) -> Bool {
    unsafe left.storage == right.storage
  }
}
