/// The operators.
extension Evaluator {
  /// Joins a value and an operand, which is evaluated only if the operator needs it.
  func operate(
    _ link: Chain.Link, _ left: Value, _ environment: Environment, at position: Position
  ) throws(NixError) -> Value {
    let operand = link.operand
    switch link.operation {
    case .and:
      guard try booleanValue(left, at: position) else { return .bool(false) }
      return .bool(try booleanValue(try operand.evaluate(environment, self), at: position))
    case .or:
      if try booleanValue(left, at: position) { return .bool(true) }
      return .bool(try booleanValue(try operand.evaluate(environment, self), at: position))
    case .pipeInto:
      return try call(
        try operand.evaluate(environment, self), left, at: position)
    case .add:
      return try add(left, operand, environment, at: position, link.position)
    default: break
    }
    let right = try operand.evaluate(environment, self)
    switch link.operation {
    case .equal: return .bool(try equal(left, right, at: position))
    case .notEqual: return .bool(!(try equal(left, right, at: position)))
    case .less: return .bool(try less(left, right, at: position))
    case .greaterOrEqual: return .bool(!(try less(left, right, at: position)))
    default: return try arithmetic(link.operation, left, right, at: position)
    }
  }

  /// `+`, whose meaning the left operand decides, before the right one is evaluated.
  private func add(
    _ left: Value, _ operand: Code, _ environment: Environment, at position: Position,
    _ operandPosition: Position
  ) throws(NixError) -> Value {
    switch left {
    case .int, .float:
      let right = try operand.evaluate(environment, self)
      switch (left, right) {
      case (.int(let one), .int(let other)): return .int(one &+ other)
      case (.int(let one), .float(let other)): return .float(Double(one) + other)
      case (.float(let one), .int(let other)): return .float(one + Double(other))
      case (.float(let one), .float(let other)): return .float(one + other)
      default:
        let phrase = left.phrase
        throw error(.type, "cannot add \(right.phrase) to \(phrase)", at: operandPosition)
      }
    default:
      var text = try coerced(left, at: position)
      let right = try operand.evaluate(environment, self)
      try appendCoerced(right, to: &text, at: operandPosition)
      if case .path = left { return try path(text) }
      return try string(text)
    }
  }

  /// `-`, `*` and `/`, and the builtins of `+` too, which takes only numbers there.
  func arithmetic(
    _ operation: Operator, _ left: Value, _ right: Value, at position: Position
  ) throws(NixError) -> Value {
    let (left, right) = (try force(left, at: position), try force(right, at: position))
    // As in Nix, a divisor is looked at before what it divides.
    if operation == .divide, try floatValue(right, at: position) == 0 {
      throw error(.argument, "division by zero", at: position)
    }
    if case .float = left { return try float(operation, left, right, at: position) }
    if case .float = right { return try float(operation, left, right, at: position) }
    let one = try integerValue(left, at: position)
    let other = try integerValue(right, at: position)
    switch operation {
    case .add: return .int(one &+ other)
    case .subtract: return .int(one &- other)
    case .multiply: return .int(one &* other)
    default:
      let (quotient, overflow) = one.dividedReportingOverflow(by: other)
      if overflow { throw error(.argument, "overflow in integer division", at: position) }
      return .int(quotient)
    }
  }

  private func float(
    _ operation: Operator, _ left: Value, _ right: Value, at position: Position
  ) throws(NixError) -> Value {
    let one = try floatValue(left, at: position)
    let other = try floatValue(right, at: position)
    switch operation {
    case .add: return .float(one + other)
    case .subtract: return .float(one - other)
    case .multiply: return .float(one * other)
    default: return .float(one / other)
    }
  }

  /// Counts the comparison of long texts.
  @inline(__always)
  private func spend(
    comparing left: Text, _ right: Text, at position: Position
  ) throws(NixError) {
    if left.count >= 1 << 12 { try spend(bytes: min(left.count, right.count) / 16, at: position) }
  }

  // MARK: Order

  func less(_ left: Value, _ right: Value, at position: Position) throws(NixError) -> Bool {
    let (left, right) = (try force(left, at: position), try force(right, at: position))
    switch (left, right) {
    case (.int(let one), .int(let other)): return one < other
    case (.float(let one), .float(let other)): return one < other
    case (.int(let one), .float(let other)): return Double(one) < other
    case (.float(let one), .int(let other)): return one < Double(other)
    case (.string(let one), .string(let other)), (.path(let one), .path(let other)):
      try spend(comparing: one, other, at: position)
      return one.compare(other) < 0
    case (.list(let one), .list(let other)):
      return try nested(at: position) { () throws(NixError) in
        try less(one, other, at: position)
      }
    default:
      throw error(
        .type, "cannot compare \(left.phrase) with \(right.phrase)", at: position)
    }
  }

  private func less(_ left: List, _ right: List, at position: Position) throws(NixError) -> Bool {
    for index in 0..<min(left.count, right.count) {
      if try !equalElements(left[index], right[index], at: position) {
        return try less(left[index], right[index], at: position)
      }
    }
    return left.count < right.count
  }

  // MARK: Equality

  func equal(_ left: Value, _ right: Value, at position: Position) throws(NixError) -> Bool {
    let (left, right) = (try force(left, at: position), try force(right, at: position))
    switch (left, right) {
    case (.int(let one), .int(let other)): return one == other
    case (.string(let one), .string(let other)), (.path(let one), .path(let other)):
      try spend(comparing: one, other, at: position)
      return one == other
    case (.bool(let one), .bool(let other)): return one == other
    case (.null, .null): return true
    case (.float(let one), .float(let other)): return one == other
    case (.int(let one), .float(let other)): return Double(one) == other
    case (.float(let one), .int(let other)): return one == Double(other)
    case (.list(let one), .list(let other)):
      guard one.count == other.count else { return false }
      try spend(elements: one.count, at: position)
      for index in 0..<one.count
      where try !equalElements(one[index], other[index], at: position) { return false }
      return true
    case (.attributes(let one), .attributes(let other)):
      return try equal(one, other, at: position)
    // Functions are equal to nothing, not even to themselves, unless they are the same element: below.
    default: return false
    }
  }

  /// The equality of two elements, which needs no look at them if they are one and the same.
  func equalElements(
    _ left: Value, _ right: Value, at position: Position
  ) throws(NixError) -> Bool {
    switch (left, right) {
    case (.thunk(let one), .thunk(let other)) where one === other: return true
    case (.closure(let one), .closure(let other)) where one === other: return true
    case (.primitive(let one), .primitive(let other)) where one === other: return true
    case (.partial(let one), .partial(let other)) where one === other: return true
    case (.list(let one), .list(let other)) where one === other: return true
    case (.attributes(let one), .attributes(let other)) where one === other: return true
    default:
      return try nested(at: position) { () throws(NixError) in
        try equal(left, right, at: position)
      }
    }
  }

  private func equal(
    _ left: AttributeSet, _ right: AttributeSet, at position: Position
  ) throws(NixError) -> Bool {
    // Derivations are equal if what they build is.
    if try isDerivation(left, at: position), try isDerivation(right, at: position),
      let one = left[symbols.known.outPath], let other = right[symbols.known.outPath]
    {
      return try equalElements(one, other, at: position)
    }
    guard left.count == right.count else { return false }
    for (one, other) in zip(left.shape.keys, right.shape.keys) where one.symbol != other.symbol {
      return false
    }
    for index in 0..<left.count
    where try !equalElements(left.values[index], right.values[index], at: position) {
      return false
    }
    return true
  }

  private func isDerivation(_ set: AttributeSet, at position: Position) throws(NixError) -> Bool {
    guard let type = set[symbols.known.type] else { return false }
    guard case .string(let name) = try force(type, at: position) else { return false }
    return name.equals("derivation")
  }
}
