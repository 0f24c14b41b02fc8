/// A name as its index in the evaluator's table: equal names are equal symbols.
struct Symbol: Hashable {
  let index: Int32
}

/// Names, each held once.
///
/// An open-addressed table of its own, because the lexer looks up slices of the source and a `Dictionary` would
/// want an array for each.
final class SymbolTable {
  private struct Entry {
    let text: Text
    /// The first eight bytes of the name, big-endian, zero-padded: names hold no zero byte, so unequal prefixes
    /// order names as their bytes do.
    let prefix: UInt64
    let hash: UInt32
  }

  private let free: Entry
  private let entryMemory: Arena<Entry>
  private let bucketMemory: Arena<Int32>
  private let heap: Heap
  /// The entries in the order of their symbols, of which `count` are taken.
  private var entries: Slots<Entry>
  private(set) var count = 0
  /// Index + 1 into `entries`; 0 is free. The number of buckets is a power of two, twice that of entries at least.
  private var buckets: Slots<Int32>
  /// The names that the evaluator itself looks for.
  private(set) var known: KnownSymbols

  init(_ pool: Pool, _ heap: Heap) {
    entryMemory = Arena(pool)
    bucketMemory = Arena(pool)
    self.heap = heap
    free = Entry(text: heap.text(""), prefix: 0, hash: 0)
    entries = entryMemory.slots(free, count: 512)
    buckets = bucketMemory.slots(0, count: 1024)
    known = KnownSymbols { _ in Symbol(index: 0) }
    known = KnownSymbols { intern([UInt8]($0.utf8)) }
  }

  func intern(_ bytes: Span<UInt8>) -> Symbol {
    let hash = Self.hash(bytes)
    let buckets = buckets
    var bucket = Int(hash) & (buckets.count - 1)
    while buckets[bucket] != 0 {
      let index = Int(buckets[bucket]) - 1
      if entries[index].hash == hash, entries[index].text.bytes.equals(bytes) {
        return Symbol(index: Int32(index))
      }
      bucket = (bucket + 1) & (buckets.count - 1)
    }
    return add(bytes, hash, bucket)
  }

  @inline(never)
  private func add(_ bytes: Span<UInt8>, _ hash: UInt32, _ bucket: Int) -> Symbol {
    let text = heap.text(bytes)
    entries[count] = Entry(text: text, prefix: Self.prefix(bytes), hash: hash)
    count += 1
    buckets[bucket] = Int32(count)
    if count == entries.count { grow() }
    return Symbol(index: Int32(count - 1))
  }

  func intern(_ name: [UInt8]) -> Symbol { intern(name.span) }
  func intern(_ name: Text) -> Symbol { name.bytes.withSpan { intern($0) } }
  func intern(_ name: String) -> Symbol { intern([UInt8](name.utf8).span) }

  func bytes(_ symbol: Symbol) -> Text { entries[Int(symbol.index)].text }
  func text(_ symbol: Symbol) -> String { String(decoding: bytes(symbol), as: UTF8.self) }

  /// The first bytes of a name, by which most names are in order already.
  func prefix(_ symbol: Symbol) -> UInt64 { entries[Int(symbol.index)].prefix }

  /// The name as errors show it: one that is empty with quotes.
  func shown(_ symbol: Symbol) -> String { bytes(symbol).isEmpty ? "\"\"" : text(symbol) }

  /// The order of two names by their bytes, which is the order of attributes.
  func precedes(_ left: Symbol, _ right: Symbol) -> Bool {
    bytes(left).compare(bytes(right)) < 0
  }

  private func grow() {
    let larger = entryMemory.slots(free, count: count * 2)
    let buckets = bucketMemory.slots(0, count: count * 4)
    for index in 0..<count {
      larger[index] = entries[index]
      var bucket = Int(entries[index].hash) & (buckets.count - 1)
      while buckets[bucket] != 0 { bucket = (bucket + 1) & (buckets.count - 1) }
      buckets[bucket] = Int32(index + 1)
    }
    (entries, self.buckets) = (larger, buckets)
  }

  /// An attacker who makes names collide only slows the evaluation of his own file, which is limited.
  private static func hash(_ bytes: Span<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
    var index = 0
    while index + 8 <= bytes.count {
      // The word lies within the bytes.
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = mixed(hash ^ word)
      index += 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index += 1
    }
    return UInt32(truncatingIfNeeded: mixed(hash ^ rest))
  }

  private static func mixed(_ word: UInt64) -> UInt64 {
    let product = word &* 0x9e37_79b9_7f4a_7c15
    return product ^ (product >> 32)
  }

  private static func prefix(_ bytes: Span<UInt8>) -> UInt64 {
    var result: UInt64 = 0
    for index in 0..<8 {
      result = result << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0)
    }
    return result
  }
}

/// Names with a meaning to the evaluator.
struct KnownSymbols {
  let body, column, file, functor, key, line, name, outPath, overrides, path, prefix: Symbol
  let or, findFile, nixPath, currentPosition, right, startSet, operation, success, toString: Symbol
  let type, value, version, wrong: Symbol

  init(_ intern: (String) -> Symbol) {
    body = intern("body")
    column = intern("column")
    currentPosition = intern("__curPos")
    file = intern("file")
    findFile = intern("__findFile")
    functor = intern("__functor")
    key = intern("key")
    line = intern("line")
    name = intern("name")
    nixPath = intern("__nixPath")
    operation = intern("operator")
    or = intern("or")
    outPath = intern("outPath")
    overrides = intern("__overrides")
    path = intern("path")
    prefix = intern("prefix")
    right = intern("right")
    startSet = intern("startSet")
    success = intern("success")
    toString = intern("__toString")
    type = intern("type")
    value = intern("value")
    version = intern("version")
    wrong = intern("wrong")
  }
}
