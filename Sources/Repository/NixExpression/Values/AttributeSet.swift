/// The names of a set in the order of their symbols, with the places where they were defined.
///
/// All sets that one expression makes share it.
final class Shape {
  struct Key {
    let symbol: Symbol
    let position: Position
  }

  let keys: ContiguousArray<Key>
  /// What else a set of this shape has.
  let open: OpenNames?
  /// Indices into `keys` in the order of the names' bytes, made when first asked for.
  private var nameOrder: ContiguousArray<Int32>?

  // Most sets of a large manifest have one attribute, and need no order of their own.
  private static let noKey: ContiguousArray<Int32> = []
  private static let oneKey: ContiguousArray<Int32> = [0]

  /// Takes keys sorted by symbol, each once.
  init(_ keys: ContiguousArray<Key>, open: OpenNames? = nil) {
    self.keys = keys
    self.open = open
  }

  func index(of symbol: Symbol) -> Int? {
    if keys.count <= 8 {
      for index in keys.indices where keys[index].symbol == symbol { return index }
      return nil
    }
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle].symbol.index < symbol.index { low = middle + 1 } else { high = middle }
    }
    return low < keys.count && keys[low].symbol == symbol ? low : nil
  }

  func orderedByName(_ symbols: SymbolTable) -> ContiguousArray<Int32> {
    if let nameOrder { return nameOrder }
    if keys.count < 2 { return keys.isEmpty ? Self.noKey : Self.oneKey }
    let order = ContiguousArray(
      (0..<Int32(keys.count)).sorted {
        symbols.precedes(keys[Int($0)].symbol, keys[Int($1)].symbol)
      })
    nameOrder = order
    return order
  }
}

/// A set of attributes.
package final class AttributeSet: HeapObject {
  let shape: Shape
  /// In the order of the shape's keys.
  var values: ContiguousArray<Value>

  init(_ shape: Shape, _ values: ContiguousArray<Value>) {
    self.shape = shape
    self.values = values
  }

  var count: Int { values.count }

  subscript(symbol: Symbol) -> Value? {
    guard let index = shape.index(of: symbol) else { return nil }
    return values[index]
  }

  override func dismantle() { values = ContiguousArray(repeating: .null, count: values.count) }
}

/// Collects attributes in any order; of two with one name the later counts.
struct AttributeBuilder {
  private var entries: ContiguousArray<(key: Shape.Key, value: Value)> = []

  init(capacity: Int = 0) { entries.reserveCapacity(capacity) }

  mutating func add(_ symbol: Symbol, _ value: Value, at position: Position = .none) {
    entries.append((Shape.Key(symbol: symbol, position: position), value))
  }

  /// The shape and values of the set, in O(n log n).
  consuming func finish() -> (Shape, ContiguousArray<Value>) {
    var order = ContiguousArray(entries.indices)
    order.sort { left, right in
      let (one, other) = (entries[left].key.symbol.index, entries[right].key.symbol.index)
      return one != other ? one < other : left < right
    }
    var keys = ContiguousArray<Shape.Key>()
    var values = ContiguousArray<Value>()
    keys.reserveCapacity(order.count)
    values.reserveCapacity(order.count)
    for index in order {
      if let last = keys.last, last.symbol == entries[index].key.symbol {
        keys[keys.count - 1] = entries[index].key
        values[values.count - 1] = entries[index].value
      } else {
        keys.append(entries[index].key)
        values.append(entries[index].value)
      }
    }
    return (Shape(keys), values)
  }
}
