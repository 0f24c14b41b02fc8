/// The names of a set in the order of their symbols, with the places where they were defined.
///
/// All sets that one expression makes share it.
@safe struct Shape {
  struct Key {
    let symbol: Symbol
    let position: Position
  }

  struct Storage {
    let keys: Slots<Key>
    /// What else a set of this shape has.
    let open: OpenNames?
    /// Indices into `keys` in the order of the names' bytes, made when first asked for.
    var nameOrder: ContiguousArray<Int32>?
  }

  private let storage: UnsafeMutablePointer<Storage>

  @unsafe init(_ storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = unsafe storage }

  var keys: Slots<Key> {
    @inline(__always) get { unsafe storage.pointee.keys }
  }

  var open: OpenNames? {
    @inline(__always) get { unsafe storage.pointee.open }
  }

  func index(of symbol: Symbol) -> Int? {
    let keys = keys
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

  // Most sets of a large manifest have one attribute, and need no order of their own.
  private static let noKey: ContiguousArray<Int32> = []
  private static let oneKey: ContiguousArray<Int32> = [0]

  func orderedByName(_ symbols: SymbolTable) -> ContiguousArray<Int32> {
    if let order = unsafe storage.pointee.nameOrder { return order }
    let keys = keys
    if keys.count < 2 { return keys.isEmpty ? Self.noKey : Self.oneKey }
    // The first bytes, which mostly decide, are beside each other while sorting.
    var entries = ContiguousArray<(prefix: UInt64, index: Int32)>()
    entries.reserveCapacity(keys.count)
    for index in keys.indices {
      entries.append((symbols.prefix(keys[index].symbol), Int32(index)))
    }
    entries.sort { left, right in
      left.prefix != right.prefix
        ? left.prefix < right.prefix
        : symbols.precedes(keys[Int(left.index)].symbol, keys[Int(right.index)].symbol)
    }
    let order = ContiguousArray(entries.lazy.map(\.index))
    unsafe storage.pointee.nameOrder = order
    return order
  }

  static func === (left: Shape, right: Shape) -> Bool { unsafe left.storage == right.storage }
}

/// A set of attributes.
@safe package struct AttributeSet {
  struct Storage {
    let shape: Shape
    /// In the order of the shape's keys.
    let values: Slots<Value>
  }

  private let storage: UnsafeMutablePointer<Storage>

  @unsafe init(_ storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = unsafe storage }

  var shape: Shape {
    @inline(__always) get { unsafe storage.pointee.shape }
  }

  var values: Slots<Value> {
    @inline(__always) get { unsafe storage.pointee.values }
  }

  var count: Int { values.count }

  @inline(__always)
  subscript(symbol: Symbol) -> Value? {
    guard let index = shape.index(of: symbol) else { return nil }
    return values[index]
  }

  /// What tells it from every other set.
  var identity: UInt { UInt(bitPattern: unsafe storage) }

  static func === (left: AttributeSet, right: AttributeSet) -> Bool {
    unsafe left.storage == right.storage
  }
}

/// Collects attributes in any order; of two with one name the later counts.
struct AttributeBuilder {
  private var entries: ContiguousArray<(key: Shape.Key, value: Value)> = []

  init(capacity: Int = 0) { entries.reserveCapacity(capacity) }

  mutating func add(_ symbol: Symbol, _ value: Value, at position: Position = .none) {
    entries.append((Shape.Key(symbol: symbol, position: position), value))
  }

  /// The set, in O(n log n).
  consuming func finish(_ heap: Heap) -> AttributeSet {
    var order = ContiguousArray(entries.indices)
    order.sort { left, right in
      let (one, other) = (entries[left].key.symbol.index, entries[right].key.symbol.index)
      return one != other ? one < other : left < right
    }
    var kept = ContiguousArray<Int>()
    kept.reserveCapacity(order.count)
    for index in order {
      if let last = kept.last, entries[last].key.symbol == entries[index].key.symbol {
        kept[kept.count - 1] = index
      } else {
        kept.append(index)
      }
    }
    let (keys, values) = (heap.keys(kept.count), heap.slots(kept.count))
    for (slot, index) in kept.enumerated() {
      keys[slot] = entries[index].key
      values[slot] = entries[index].value
    }
    return heap.set(heap.shape(keys), values)
  }
}
