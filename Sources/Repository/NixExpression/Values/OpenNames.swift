/// Attributes that a set has beyond those that it lists: each is made, and kept, when it is first asked for.
///
/// They are found by `.`, `?`, `getAttr` and `hasAttr`, and by `with` after every name that is listed; they are not
/// among `attrNames`.
final class OpenNames {
  private let make: (Evaluator, String) throws(NixError) -> Value?
  private let missing: (String) -> String
  private var made = SymbolMap<Value>()

  /// - Parameters:
  ///   - missing: why there is no attribute of a name.
  ///   - make: gives the attribute of a name; nil if there is none.
  init(
    missing: @escaping (String) -> String,
    _ make: @escaping (Evaluator, String) throws(NixError) -> Value?
  ) {
    self.missing = missing
    self.make = make
  }

  func value(of symbol: Symbol, _ evaluator: Evaluator) throws(NixError) -> Value? {
    if let value = made[symbol] { return value }
    guard let value = try make(evaluator, evaluator.symbols.text(symbol)) else { return nil }
    made[symbol] = value
    return value
  }

  func reasonMissing(_ symbol: Symbol, _ symbols: SymbolTable) -> String {
    missing(symbols.text(symbol))
  }
}

extension Evaluator {
  /// An attribute of a set, listed or not, as suspended as it is.
  @inline(__always)
  func attribute(_ symbol: Symbol, of set: AttributeSet) throws(NixError) -> Value? {
    if let value = set[symbol] { return value }
    guard let open = set.shape.open else { return nil }
    return try open.value(of: symbol, self)
  }

  /// The set of a value, with more attributes than it lists.
  package func opened(
    _ value: Value, missing: @escaping (String) -> String,
    _ make: @escaping (Evaluator, String) throws(NixError) -> Value?
  ) throws(NixError) -> Value {
    let set = try attributeSet(value, at: .none)
    let shape = heap.shape(set.shape.keys, open: OpenNames(missing: missing, make))
    return .attributes(heap.set(shape, set.values))
  }
}
