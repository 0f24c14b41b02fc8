/// Making values, and taking out of a value what it holds.
extension Evaluator {
  // MARK: Making

  func list(_ elements: ContiguousArray<Value>) throws(NixError) -> Value {
    try check(listOf: elements.count)
    return .list(heap.list(heap.slots(elements)))
  }

  func set(_ builder: consuming AttributeBuilder) -> AttributeSet { builder.finish(heap) }

  /// A string value, counted against the limits.
  func string(_ bytes: [UInt8]) throws(NixError) -> Value {
    try check(stringOf: bytes.count)
    return .string(heap.text(bytes))
  }

  /// A path value from a text that begins with a slash, counted as a string is.
  func path(_ text: [UInt8]) throws(NixError) -> Value {
    try check(stringOf: text.count)
    return .path(heap.text(normalised(text)))
  }

  /// `{ column, file, line }`, or null for a place that is in no file.
  func positionSet(_ position: Position) -> Value {
    guard let source = sources.source(at: position), source.isFile,
      let place = sources.place(position)
    else { return .null }
    var builder = AttributeBuilder()
    builder.add(symbols.known.column, .int(Int64(place.column)))
    builder.add(symbols.known.file, .string(heap.text(place.file)))
    builder.add(symbols.known.line, .int(Int64(place.line)))
    return .attributes(set(builder))
  }

  /// Two sets as one; the right one's attributes count.
  func update(_ left: AttributeSet, _ right: AttributeSet) -> AttributeSet {
    let open = right.shape.open ?? left.shape.open
    if right.count == 0, open === left.shape.open { return left }
    if left.count == 0, open === right.shape.open { return right }
    let shape = union(left.shape, right.shape, open: open)
    let values = heap.slots(shape.keys.count)
    let (one, other) = (left.shape.keys, right.shape.keys)
    var (i, j) = (0, 0)
    for slot in values.indices {
      let symbol = shape.keys[slot].symbol
      let isRight = j < other.count && other[j].symbol == symbol
      values[slot] = isRight ? right.values[j] : left.values[i]
      if i < one.count, one[i].symbol == symbol { i += 1 }
      if isRight { j += 1 }
    }
    return heap.set(shape, values)
  }

  /// The names of two sets together, those of the right one with its places.
  private func union(_ left: Shape, _ right: Shape, open: OpenNames?) -> Shape {
    let (one, other) = (left.keys, right.keys)
    var common = 0
    var (i, j) = (0, 0)
    while i < one.count, j < other.count {
      let order = one[i].symbol.index - other[j].symbol.index
      if order == 0 { common += 1 }
      if order <= 0 { i += 1 }
      if order >= 0 { j += 1 }
    }
    let keys = heap.keys(one.count + other.count - common)
    (i, j) = (0, 0)
    for slot in keys.indices {
      let order =
        i == one.count
        ? 1 : j == other.count ? -1 : one[i].symbol.index - other[j].symbol.index
      keys[slot] = order < 0 ? one[i] : other[j]
      if order <= 0 { i += 1 }
      if order >= 0 { j += 1 }
    }
    return heap.shape(keys, open: open)
  }

  // MARK: Taking

  func boolean(
    _ expression: Expression, _ environment: Environment, at position: Position
  ) throws(NixError) -> Bool {
    try booleanValue(try expression.evaluate(environment, self), at: position)
  }

  func booleanValue(_ value: Value, at position: Position) throws(NixError) -> Bool {
    let value = try force(value, at: position)
    guard case .bool(let holds) = value else { throw mismatch(value, .bool, at: position) }
    return holds
  }

  func integerValue(_ value: Value, at position: Position) throws(NixError) -> Int64 {
    let value = try force(value, at: position)
    guard case .int(let number) = value else { throw mismatch(value, .int, at: position) }
    return number
  }

  func floatValue(_ value: Value, at position: Position) throws(NixError) -> Double {
    switch try force(value, at: position) {
    case .int(let number): return Double(number)
    case .float(let number): return number
    case let other: throw mismatch(other, .float, at: position)
    }
  }

  func stringValue(_ value: Value, at position: Position) throws(NixError) -> [UInt8] {
    Array(try textValue(value, at: position))
  }

  /// A string where it is.
  func textValue(_ value: Value, at position: Position) throws(NixError) -> Text {
    let value = try force(value, at: position)
    guard case .string(let text) = value else { throw mismatch(value, .string, at: position) }
    return text
  }

  func listValue(_ value: Value, at position: Position) throws(NixError) -> List {
    let value = try force(value, at: position)
    guard case .list(let list) = value else { throw mismatch(value, .list, at: position) }
    return list
  }

  func attributeSet(_ value: Value, at position: Position) throws(NixError) -> AttributeSet {
    let value = try force(value, at: position)
    guard case .attributes(let set) = value else { throw mismatch(value, .set, at: position) }
    return set
  }

  /// A value that can be called: a function, or a set with `__functor`.
  func functionValue(_ value: Value, at position: Position) throws(NixError) -> Value {
    let value = try force(value, at: position)
    if case .attributes(let set) = value, set[symbols.known.functor] != nil { return value }
    guard value.type == .lambda else { throw mismatch(value, .lambda, at: position) }
    return value
  }
}
