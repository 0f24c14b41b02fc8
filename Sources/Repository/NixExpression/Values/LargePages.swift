import Glibc

/// Memory in large pages: what is larger than one of them is there after a few faults instead of hundreds, which
/// are a third of the time of a large evaluation. Where the system has no large pages, nothing is different.
enum LargePages {
  static let size = 2 << 20

  /// Asks for large pages for those bytes of some memory that fill whole ones.
  @unsafe static func advise(_ base: UnsafeMutableRawPointer, count: Int) {
    let end = unsafe (base + count).alignedDown(toMultipleOf: size)
    let start = unsafe base.alignedUp(toMultipleOf: size)
    if unsafe start < end { _ = unsafe madvise(start, end - start, MADV_HUGEPAGE) }
  }
}

extension LargePages {
  /// Lets the allocator put many small objects, of so many bytes in all, into large pages while the body runs.
  static func forSmallObjects<Result>(
    _ bytes: Int, _ body: () throws(NixError) -> Result
  ) throws(NixError) -> Result {
    // glibc maps large pieces apart from its heap, from then on only larger ones than it was given back, and then
    // does not shrink the heap by less than two of them (mallopt(3)): so the second piece, once it is given back,
    // is what the heap grows into, without a system call and hundreds of faults for each megabyte.
    let count = min(bytes, 20 << 20) + size
    unsafe free(unseen(malloc(count)))
    guard let room = unsafe malloc(count) else { return try body() }
    unsafe advise(room, count: count)
    // What lies before the first large page stays taken, untouched.
    let head = unsafe max(1, room.alignedUp(toMultipleOf: size) - room - 64)
    let kept = unsafe realloc(room, head) ?? room
    defer { unsafe free(kept) }
    return try body()
  }

  /// The same memory; a compiler that sees an allocation together with its release leaves both out.
  @inline(never)
  private static func unseen(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    unsafe memory
  }
}

extension [UInt8] {
  /// Makes room for more bytes; once a text is large, at once for many more, in large pages that cost nothing until
  /// they are reached.
  mutating func makeRoom(for more: Int) {
    guard capacity - count < more, count + more > 256 << 10 else { return }
    var larger: [UInt8] = []
    larger.reserveCapacity(Swift.max(16 << 20, (count + more) * 4))
    let room = larger.capacity
    unsafe larger.withUnsafeMutableBytes { bytes in
      // An array with a capacity has a base.
      unsafe LargePages.advise(bytes.baseAddress!, count: room)
    }
    larger.append(contentsOf: self)
    self = larger
  }
}
