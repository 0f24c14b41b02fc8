/// Which place each of some symbols has.
///
/// A table of its own: the symbols of a source are small numbers that nobody can choose, and need no hash that
/// resists an attacker.
final class SymbolIndex {
  struct Entry {
    /// Negative where the bucket is free.
    let symbol: Int32
    let place: Int32
  }

  /// Not kept: the memory keeps the expressions.
  private unowned let memory: SyntaxMemory
  private var buckets: Slots<Entry>
  private var count = 0

  private static var free: Entry { Entry(symbol: -1, place: 0) }

  init(_ memory: SyntaxMemory) {
    self.memory = memory
    buckets = memory.slots(Self.free, count: 32)
  }

  subscript(symbol: Symbol) -> Int? {
    let found = buckets[bucket(of: symbol)]
    return found.symbol < 0 ? nil : Int(found.place)
  }

  /// Adds a symbol that is not there.
  func add(_ symbol: Symbol, at place: Int) {
    if count * 2 >= buckets.count { grow() }
    buckets[bucket(of: symbol)] = Entry(symbol: symbol.index, place: Int32(place))
    count += 1
  }

  /// Where a symbol is, or would be.
  private func bucket(of symbol: Symbol) -> Int {
    let (buckets, mask) = (buckets, buckets.count - 1)
    var bucket = Int(symbol.index) &* 0x9e37_79b1 & mask
    while buckets[bucket].symbol >= 0, buckets[bucket].symbol != symbol.index {
      bucket = (bucket + 1) & mask
    }
    return bucket
  }

  private func grow() {
    let old = buckets
    buckets = memory.slots(Self.free, count: old.count * 4)
    for entry in old where entry.symbol >= 0 {
      buckets[bucket(of: Symbol(index: entry.symbol))] = entry
    }
  }
}

/// Elements by symbol.
///
/// An array, as symbols are numbered from 0; and the first look-up in a `Dictionary` of bytes costs a
/// short evaluation more than all else that it does.
struct SymbolMap<Element> {
  private var elements: ContiguousArray<Element?> = []

  subscript(symbol: Symbol) -> Element? {
    get { Int(symbol.index) < elements.count ? elements[Int(symbol.index)] : nil }
    set {
      while elements.count <= Int(symbol.index) { elements.append(nil) }
      elements[Int(symbol.index)] = newValue
    }
  }
}
