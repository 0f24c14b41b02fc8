import Glibc

/// A name as its index in the evaluator's table: equal names are equal symbols.
struct Symbol: Hashable {
  let index: Int32
}

/// Names, each held once.
///
/// An open-addressed table of its own, because the lexer looks up slices of the source and a `Dictionary` would
/// want an array for each.
final class SymbolTable {
  private(set) var names: ContiguousArray<[UInt8]> = []
  /// The first eight bytes of each name, big-endian, zero-padded: names hold no zero byte, so unequal prefixes
  /// order names as their bytes do.
  private var prefixes: ContiguousArray<UInt64> = []
  private var hashes: ContiguousArray<UInt32> = []
  /// Index + 1 into `names`; 0 is free. The count is a power of two.
  private var buckets = ContiguousArray<Int32>(repeating: 0, count: 1024)
  /// The names that the evaluator itself looks for.
  private(set) lazy var known = KnownSymbols(self)

  func intern(_ bytes: Span<UInt8>) -> Symbol {
    let hash = Self.hash(bytes)
    var bucket = Int(hash) & (buckets.count - 1)
    while buckets[bucket] != 0 {
      let index = Int(buckets[bucket]) - 1
      if hashes[index] == hash, Self.equal(names[index], bytes) {
        return Symbol(index: Int32(index))
      }
      bucket = (bucket + 1) & (buckets.count - 1)
    }
    var name: [UInt8] = []
    name.reserveCapacity(bytes.count)
    for index in bytes.indices { name.append(bytes[index]) }
    names.append(name)
    prefixes.append(Self.prefix(bytes))
    hashes.append(hash)
    buckets[bucket] = Int32(names.count)
    if names.count * 2 > buckets.count { grow() }
    return Symbol(index: Int32(names.count - 1))
  }

  func intern(_ name: [UInt8]) -> Symbol { intern(name.span) }
  func intern(_ name: String) -> Symbol { intern([UInt8](name.utf8).span) }

  func bytes(_ symbol: Symbol) -> [UInt8] { names[Int(symbol.index)] }
  func text(_ symbol: Symbol) -> String { String(decoding: bytes(symbol), as: UTF8.self) }

  /// The order of names by their bytes, which is the order of attributes.
  func precedes(_ left: Symbol, _ right: Symbol) -> Bool {
    let (one, other) = (prefixes[Int(left.index)], prefixes[Int(right.index)])
    if one != other { return one < other }
    return compareBytes(bytes(left), bytes(right)) < 0
  }

  private func grow() {
    buckets = ContiguousArray(repeating: 0, count: buckets.count * 2)
    for (index, hash) in hashes.enumerated() {
      var bucket = Int(hash) & (buckets.count - 1)
      while buckets[bucket] != 0 { bucket = (bucket + 1) & (buckets.count - 1) }
      buckets[bucket] = Int32(index + 1)
    }
  }

  /// FNV-1a; an attacker who makes names collide only slows the evaluation of his own file, which is limited.
  private static func hash(_ bytes: Span<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in bytes.indices {
      hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3
    }
    return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
  }

  private static func equal(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices where left[index] != right[index] { return false }
    return true
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

  init(_ symbols: SymbolTable) {
    body = symbols.intern("body")
    column = symbols.intern("column")
    currentPosition = symbols.intern("__curPos")
    file = symbols.intern("file")
    findFile = symbols.intern("__findFile")
    functor = symbols.intern("__functor")
    key = symbols.intern("key")
    line = symbols.intern("line")
    name = symbols.intern("name")
    nixPath = symbols.intern("__nixPath")
    operation = symbols.intern("operator")
    or = symbols.intern("or")
    outPath = symbols.intern("outPath")
    overrides = symbols.intern("__overrides")
    path = symbols.intern("path")
    prefix = symbols.intern("prefix")
    right = symbols.intern("right")
    startSet = symbols.intern("startSet")
    success = symbols.intern("success")
    toString = symbols.intern("__toString")
    type = symbols.intern("type")
    value = symbols.intern("value")
    version = symbols.intern("version")
    wrong = symbols.intern("wrong")
  }
}

/// The order of byte strings: negative, zero or positive.
func compareBytes(_ left: [UInt8], _ right: [UInt8]) -> Int {
  let common = unsafe left.withUnsafeBytes { one in
    unsafe right.withUnsafeBytes { other in
      unsafe one.isEmpty || other.isEmpty
        ? 0
        : Int(memcmp(one.baseAddress!, other.baseAddress!, min(one.count, other.count)))
    }
  }
  return common != 0 ? common : left.count - right.count
}
