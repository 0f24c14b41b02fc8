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
  /// Readies the allocator for many small objects of so many bytes in all, as a large source's expressions are.
  static func prepareAllocator(for bytes: Int) {
    // glibc maps large pieces apart from its heap, from then on only larger ones than it was given back, and then
    // does not shrink the heap by less than two of them (mallopt(3)): so the second piece, once it is given back,
    // is what the heap grows into, without a system call and hundreds of faults for each megabyte.
    let bytes = min(bytes, 24 << 20)
    for _ in 0..<2 {
      guard let room = unsafe malloc(bytes) else { return }
      unsafe advise(room, count: bytes)
      unsafe release(room)
    }
  }

  /// Apart, because a compiler that sees both leaves out an allocation with its release.
  @inline(never)
  private static func release(_ memory: UnsafeMutableRawPointer) { unsafe free(memory) }
}

extension [UInt8] {
  /// Makes room for more bytes; large texts grow in large steps, in large pages.
  mutating func makeRoom(for more: Int) {
    guard capacity - count < more, count + more > LargePages.size / 4 else { return }
    var larger: [UInt8] = []
    larger.reserveCapacity((count + more) * 4)
    let room = larger.capacity
    unsafe larger.withUnsafeMutableBytes { bytes in
      // An array with a capacity has a base.
      unsafe LargePages.advise(bytes.baseAddress!, count: room)
    }
    larger.append(contentsOf: self)
    self = larger
  }
}
