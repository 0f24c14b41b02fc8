/// An expression that was parsed: it knows how to find its variables once and how to make its value.
class Expression {
  final let position: Position

  init(at position: Position) { self.position = position }

  /// Finds the variables in it and below it.
  func bind(_ binder: inout Binder) throws(NixError) {}

  /// Its value, never suspended.
  func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    fatalError("every expression says how it is evaluated")
  }

  /// Its value for later: suspended unless it costs nothing now.
  ///
  /// While an environment is being filled, its own slots must not be read yet.
  func delayed(
    _ environment: Environment, _ evaluator: Evaluator, filling: Bool = false
  ) -> Value {
    .thunk(evaluator.heap.thunk(.suspended(Code(self), environment)))
  }
}

/// A number, string without interpolation, or path without interpolation.
final class Literal: Expression {
  let value: Value

  init(_ value: Value, at position: Position) {
    self.value = value
    super.init(at: position)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value { value }

  override func delayed(
    _ environment: Environment, _ evaluator: Evaluator, filling: Bool
  ) -> Value { value }
}

/// A name.
final class Variable: Expression {
  enum Binding {
    case local(levels: Int, slot: Int)
    case global
    /// Looked up in the sets of these environments, the innermost first.
    case with(levels: Slots<Int32>)
  }

  /// The kinds of bindings, apart from what they need, so that the most frequent is read without copying a value.
  private enum Kind: UInt8 {
    case unbound, local, global, with
  }

  let symbol: Symbol
  // Written once, before any evaluation.
  private var kind = Kind.unbound
  private var levels: Int32 = 0
  private var slot: Int32 = 0
  /// Of a name that `with` gives: where it is looked up.
  private var scopes = Slots<Int32>.none

  init(_ symbol: Symbol, at position: Position) {
    self.symbol = symbol
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    switch try binder.resolve(symbol, at: position) {
    case .local(let levels, let slot):
      (kind, self.levels, self.slot) = (.local, Int32(levels), Int32(slot))
    case .global: kind = .global
    case .with(let levels): (kind, scopes) = (.with, levels)
    }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    switch kind {
    case .local:
      let slots = environment.enclosing(Int(levels)).slots
      let value = slots[Int(slot)]
      guard case .thunk(let thunk) = value else { return value }
      let forced = try evaluator.force(thunk, at: position)
      slots[Int(slot)] = forced
      return forced
    case .global: return try evaluator.force(evaluator.globals[symbol] ?? .null, at: position)
    case .with: return try lookUp(environment, evaluator)
    case .unbound: throw undefined(evaluator)
    }
  }

  override func delayed(
    _ environment: Environment, _ evaluator: Evaluator, filling: Bool
  ) -> Value {
    switch kind {
    case .local where levels > 0 || !filling:
      return environment.enclosing(Int(levels))[Int(slot)]
    case .global: return evaluator.globals[symbol] ?? .null
    default: return super.delayed(environment, evaluator, filling: filling)
    }
  }

  private func lookUp(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    for level in scopes {
      let scope = environment.enclosing(Int(level))
      let set = try evaluator.attributeSet(
        try evaluator.force(scope[0], at: position), at: position)
      scope[0] = .attributes(set)
      if let value = set[symbol] { return try evaluator.force(value, at: position) }
    }
    for level in scopes {
      guard case .attributes(let set) = environment.enclosing(Int(level))[0],
        let value = try set.shape.open?.value(of: symbol, evaluator)
      else { continue }
      return try evaluator.force(value, at: position)
    }
    throw undefined(evaluator)
  }

  private func undefined(_ evaluator: Evaluator) -> NixError {
    evaluator.error(
      .undefinedVariable, "undefined variable '\(evaluator.symbols.shown(symbol))'", at: position)
  }
}

/// `__curPos`
final class CurrentPosition: Expression {
  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    evaluator.positionSet(position)
  }
}
