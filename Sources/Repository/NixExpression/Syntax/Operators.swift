/// The operators that a chain joins.
enum Operator {
  case add, subtract, multiply, divide
  case and, or, implies
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case update, concat
  case pipeInto, pipeFrom
}

/// Operands joined by left-associative operators of one precedence: `a - b + c`.
///
/// One node however long, so that neither evaluation nor release nests with its length.
final class Chain: Expression {
  struct Link {
    let operation: Operator
    let operand: Code
    /// Of the operand, its parentheses included.
    let position: Position
  }

  let first: Expression
  let links: Slots<Link>

  init(_ first: Expression, _ links: Slots<Link>, at position: Position) {
    self.first = first
    self.links = links
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    // In the order of evaluation: below.
    let isSwapped = links.first.map { $0.operation == .greater || $0.operation == .lessOrEqual }
    if isSwapped != true { try first.bind(&binder) }
    for link in links { try link.operand.bind(&binder) }
    if isSwapped == true { try first.bind(&binder) }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    // To Nix `a > b` is `b < a` and `a <= b` is `!(b < a)`: the right side is evaluated first.
    if let link = links.first, link.operation == .greater || link.operation == .lessOrEqual {
      let right = try link.operand.evaluate(environment, evaluator)
      let left = try first.evaluate(environment, evaluator)
      let isLess = try evaluator.less(right, left, at: position)
      return .bool(isLess == (link.operation == .greater))
    }
    var value = try first.evaluate(environment, evaluator)
    for index in links.indices {
      value = try evaluator.operate(links[index], value, environment, at: position)
    }
    return value
  }
}

/// `a // b // c` or `a ++ b ++ c`, which associate to the right; here from left to right, where that is the same.
final class Merge: Expression {
  let operation: Operator
  let operands: Slots<Code>

  init(_ operation: Operator, _ operands: Slots<Code>, at position: Position) {
    self.operation = operation
    self.operands = operands
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    for operand in operands { try operand.bind(&binder) }
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    if operation == .concat { return try concatenated(environment, evaluator) }
    var result = try evaluator.attributeSet(
      try operands[0].evaluate(environment, evaluator), at: position)
    for index in operands.indices.dropFirst() {
      let value = try operands[index].evaluate(environment, evaluator)
      result = evaluator.update(result, try evaluator.attributeSet(value, at: position))
    }
    return .attributes(result)
  }
}

extension Merge {
  private func concatenated(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    var values = ContiguousArray<Value>()
    values.reserveCapacity(operands.count)
    var count = 0
    for operand in operands {
      let value = try operand.evaluate(environment, evaluator)
      if case .list(let list) = value { count += list.count }
      values.append(value)
    }
    try requireLists(values, evaluator)
    try evaluator.check(listOf: count)
    let elements = evaluator.heap.slots(count)
    var end = 0
    for case .list(let list) in values {
      elements.copy(list.elements, at: end)
      end += list.count
    }
    return .list(evaluator.heap.list(elements))
  }

  /// All operands are evaluated before any is looked at; of those the last two come first, as `++` associates.
  private func requireLists(
    _ values: ContiguousArray<Value>, _ evaluator: Evaluator
  ) throws(NixError) {
    if values.allSatisfy({ if case .list = $0 { true } else { false } }) { return }
    let inner = values.count - 2
    for index in [inner, inner + 1] + (0..<inner).reversed() {
      let start = min(index, inner)
      _ = try evaluator.listValue(
        values[index], at: start == 0 ? position : operands[start].position)
    }
  }
}

/// `a -> b`, which associates to the right.
final class Implication: Expression {
  let premise: Expression
  let conclusion: Expression

  init(_ premise: Expression, _ conclusion: Expression, at position: Position) {
    self.premise = premise
    self.conclusion = conclusion
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) {
    try premise.bind(&binder)
    try conclusion.bind(&binder)
  }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    guard try evaluator.boolean(premise, environment, at: position) else { return .bool(true) }
    return .bool(try evaluator.boolean(conclusion, environment, at: position))
  }
}

/// `!a` or `-a`
final class Prefix: Expression {
  let isNot: Bool
  let operand: Expression

  init(isNot: Bool, _ operand: Expression, at position: Position) {
    self.isNot = isNot
    self.operand = operand
    super.init(at: position)
  }

  override func bind(_ binder: inout Binder) throws(NixError) { try operand.bind(&binder) }

  override func evaluate(
    _ environment: Environment, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    if isNot { return .bool(!(try evaluator.boolean(operand, environment, at: position))) }
    // As Nix has it: the difference from an integer zero, so that -0.0 is 0.
    let value = try operand.evaluate(environment, evaluator)
    return try evaluator.arithmetic(.subtract, .int(0), value, at: position)
  }
}
