/// Where the parts of expressions lie that are several: elements, arguments, definitions.
///
/// An expression refers to them without counting references each time that it is evaluated; they live as long as
/// this does, which the evaluator keeps together with its sources' expressions.
final class SyntaxMemory {
  private let expressions: Arena<Expression>
  private let codes: Arena<Code>
  private let steps: Arena<PathStep>
  private let parts: Arena<PartsExpression.Part>
  private let levels: Arena<Int32>
  private let links: Arena<Chain.Link>
  private let formals: Arena<Lambda.Formal>
  private let entries: Arena<SymbolIndex.Entry>
  private let definitions: Arena<SetExpression.Definition>

  init(_ pool: Pool) {
    expressions = Arena(pool)
    codes = Arena(pool)
    steps = Arena(pool)
    parts = Arena(pool)
    levels = Arena(pool)
    links = Arena(pool)
    formals = Arena(pool)
    entries = Arena(pool)
    definitions = Arena(pool)
  }

  /// Keeps an expression, for others to refer to.
  func own(_ expression: Expression) -> Code {
    _ = expressions.slots(CollectionOfOne(expression))
    return Code(expression)
  }

  func keep(_ elements: some Collection<Expression>) -> Slots<Code> {
    codes.slots(expressions.slots(elements).lazy.map { Code($0) })
  }

  func keep(_ elements: some Collection<Int32>) -> Slots<Int32> { levels.slots(elements) }
  func keep(_ elements: some Collection<PathStep>) -> Slots<PathStep> { steps.slots(elements) }
  func keep(_ elements: some Collection<Chain.Link>) -> Slots<Chain.Link> { links.slots(elements) }

  func keep(_ elements: some Collection<StringPart>) -> Slots<PartsExpression.Part> {
    parts.slots(
      elements.lazy.map {
        PartsExpression.Part(code: self.own($0.expression), position: $0.position)
      })
  }

  func keep(_ elements: some Collection<Lambda.Formal>) -> Slots<Lambda.Formal> {
    formals.slots(elements)
  }

  func slots(_ definition: SetExpression.Definition, count: Int) -> Slots<SetExpression.Definition>
  {
    definitions.slots(definition, count: count)
  }

  func slots(_ entry: SymbolIndex.Entry, count: Int) -> Slots<SymbolIndex.Entry> {
    entries.slots(entry, count: count)
  }
}

/// An expression that somebody else keeps: its source, and with it the evaluator.
@safe struct Code {
  private let reference: Unmanaged<Expression>

  init(_ expression: Expression) { unsafe reference = .passUnretained(expression) }

  var position: Position { unsafe reference._withUnsafeGuaranteedRef { $0.position } }

  /// The expression itself, to look at what it is.
  var expression: Expression { unsafe reference.takeUnretainedValue() }

  func bind(_ binder: inout Binder) throws(NixError) {
    try unsafe reference.takeUnretainedValue().bind(&binder)
  }

  @inline(__always)
  func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try unsafe reference.borrowed { expression throws(NixError) in
      try expression.evaluate(environment, evaluator)
    }
  }

  @inline(__always)
  func delayed(
    _ environment: Environment, _ evaluator: Evaluator, filling: Bool = false
  ) -> Value {
    unsafe reference._withUnsafeGuaranteedRef {
      $0.delayed(environment, evaluator, filling: filling)
    }
  }
}

extension Unmanaged {
  /// Gives the object to a body without counting the reference; somebody else must keep it meanwhile.
  @unsafe @inline(__always)
  func borrowed(
    _ body: (Instance) throws(NixError) -> Value
  ) throws(NixError) -> Value {
    let result: Result<Value, NixError> = unsafe _withUnsafeGuaranteedRef { object in
      do throws(NixError) {
        return .success(try body(object))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
