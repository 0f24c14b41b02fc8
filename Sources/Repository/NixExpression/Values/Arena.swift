import Glibc

/// Memory for elements that live as long as it does: they are made one after the other and destroyed together.
///
/// An allocation is an addition, and the end a few releases of memory instead of one for each element.
@safe final class Arena<Element> {
  /// Elements that were made side by side; all of the first `used` are initialised.
  @safe private struct Chunk {
    let base: UnsafeMutablePointer<Element>
    let used: Int
  }

  /// All chunks but the last, which is being filled.
  private var full: [Chunk] = []
  private var base: UnsafeMutablePointer<Element>?
  private var used = 0
  private var capacity = 0

  private let pool: Pool

  /// The first chunk is small, for a short evaluation; each is twice as large as the one before, up to this.
  private static var largestChunk: Int { (128 << 10) / MemoryLayout<Element>.stride }
  private static var smallestChunk: Int { 1024 / MemoryLayout<Element>.stride }

  init(_ pool: Pool) { self.pool = pool }

  /// Makes elements side by side, all with one value.
  @inline(__always)
  func make(_ element: Element, count: Int) -> UnsafeMutablePointer<Element> {
    if capacity - used < count { grow(by: count) }
    // `grow` left room for `count` elements after the `used` ones, and a chunk when there was none.
    let first = unsafe base.unsafelyUnwrapped + used
    unsafe first.initialize(repeating: element, count: count)
    used += count
    return unsafe first
  }

  @inline(__always)
  func make(_ element: Element) -> UnsafeMutablePointer<Element> {
    if used == capacity { grow(by: 1) }
    let first = unsafe base.unsafelyUnwrapped + used
    unsafe first.initialize(to: element)
    used += 1
    return unsafe first
  }

  @inline(__always)
  func slots(_ element: Element, count: Int) -> Slots<Element> {
    unsafe Slots(make(element, count: count), count: count)
  }

  func slots(_ elements: some Collection<Element>) -> Slots<Element> {
    let count = elements.count
    if count == 0 { return .none }
    if capacity - used < count { grow(by: count) }
    let first = unsafe base.unsafelyUnwrapped + used
    let (_, end) = unsafe UnsafeMutableBufferPointer(start: first, count: count)
      .initialize(from: elements)
    precondition(end == count, "a collection of another size than it said")
    used += count
    return unsafe Slots(first, count: count)
  }

  @inline(never)
  private func grow(by count: Int) {
    if let base = unsafe base { unsafe full.append(Chunk(base: base, used: used)) }
    capacity = max(
      count, min(Self.largestChunk, max(Self.smallestChunk, capacity * 2)))
    unsafe base = pool.take(capacity * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: capacity)
    used = 0
  }

  deinit {
    if let base = unsafe base { unsafe full.append(Chunk(base: base, used: used)) }
    for chunk in full {
      unsafe chunk.base.deinitialize(count: chunk.used)
    }
  }
}

/// Elements side by side in an evaluator's heap: those of a list, the values of a set, the slots of an environment.
///
/// Copies share the elements. That the memory is there is what holds for every value: its evaluator is, too. That
/// an index is within it is checked.
@safe struct Slots<Element>: RandomAccessCollection {
  private let base: UnsafeMutablePointer<Element>?
  let count: Int

  /// Takes elements of an arena.
  @unsafe init(_ base: UnsafeMutablePointer<Element>?, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  static var none: Slots { unsafe Slots(nil, count: 0) }

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  subscript(index: Int) -> Element {
    // The element where it is, and not a copy whose references would be counted.
    @inline(__always) unsafeAddress { unsafe UnsafePointer(element(index)) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe element(index) }
  }

  @inline(__always)
  private func element(_ index: Int) -> UnsafeMutablePointer<Element> {
    precondition(index >= 0 && index < count, "a slot out of bounds")
    // Where there are elements, there is a base.
    return unsafe base.unsafelyUnwrapped + index
  }

  func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? { unsafe try body(UnsafeBufferPointer(start: base, count: count)) }

  /// Copies elements of another over those from `start` on, which must be as many.
  func copy(_ elements: Slots, at start: Int) {
    if elements.isEmpty { return }
    precondition(start >= 0 && start <= count - elements.count, "a slot out of bounds")
    // Both are within their bounds, so both have a base.
    unsafe (base.unsafelyUnwrapped + start).update(
      from: elements.base.unsafelyUnwrapped, count: elements.count)
  }

  /// The first elements, of which there must be as many.
  func prefix(_ count: Int) -> Slots {
    precondition(count >= 0 && count <= self.count, "a slot out of bounds")
    return unsafe Slots(base, count: count)
  }

  /// Some elements side by side, which share their places with these.
  func part(from start: Int, count: Int) -> Slots {
    precondition(
      start >= 0 && count >= 0 && start <= self.count - count, "a slot out of bounds")
    // Where there are elements, there is a base.
    return unsafe count == 0 ? .none : Slots(base.unsafelyUnwrapped + start, count: count)
  }

  /// The elements but the first, of which there must be one.
  var tail: Slots { part(from: 1, count: count - 1) }
}

extension Slots: MutableCollection {}

extension Arena where Element == UInt8 {
  func slots(_ bytes: Span<UInt8>) -> Slots<UInt8> {
    unsafe bytes.withUnsafeBufferPointer { unsafe slots($0) }
  }
}

extension Slots where Element == UInt8 {
  func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    // Of no bytes there may be no address.
    return unsafe isEmpty
      || other.withUnsafeBytes { unsafe memcmp(base!, $0.baseAddress!, count) == 0 }
  }

  func equals(_ other: Slots) -> Bool {
    guard count == other.count else { return false }
    // Of no bytes there may be no address.
    return unsafe isEmpty || memcmp(base!, other.base!, count) == 0
  }

  /// The order by bytes: negative, zero or positive.
  func compare(_ other: Slots) -> Int {
    let common = Swift.min(count, other.count)
    let order = unsafe common == 0 ? 0 : Int(memcmp(base!, other.base!, common))
    return order != 0 ? order : count - other.count
  }

  func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    unsafe body(UnsafeBufferPointer(start: base, count: count).span)
  }
}

extension Slots where Element == Value {
  func append(to result: inout ContiguousArray<Value>) {
    guard count > 0 else { return }
    unsafe result.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
  }
}
