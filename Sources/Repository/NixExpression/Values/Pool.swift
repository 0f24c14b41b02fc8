import Glibc

/// The memory of one evaluator: taken from the system in blocks, given out in pieces, and given back all at once.
@safe final class Pool {
  @safe private struct Block {
    let base: UnsafeMutableRawPointer
    let count: Int
  }

  private var blocks: [Block] = []
  private var next: UnsafeMutableRawPointer?
  private var room = 0

  /// The first block is small, as most evaluations are; each is four times as large as the one before, up to this.
  private static let largestBlock = 32 << 20
  private static let smallestBlock = 128 << 10

  /// Some bytes, zero, aligned for whatever a value holds.
  func take(_ bytes: Int) -> UnsafeMutableRawPointer {
    let bytes = (bytes + 15) & ~15
    if bytes > room { grow(by: bytes) }
    // `grow` left room for them.
    let piece = unsafe next.unsafelyUnwrapped
    unsafe next = unsafe piece + bytes
    room -= bytes
    return unsafe piece
  }

  private func grow(by bytes: Int) {
    let last = blocks.last?.count ?? 0
    let count = max(bytes, min(Self.largestBlock, max(Self.smallestBlock, last * 4)))
    let base = unsafe mmap(
      nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let base = unsafe base, unsafe base != MAP_FAILED else { fatalError("out of memory") }
    unsafe LargePages.advise(base, count: count)
    unsafe blocks.append(Block(base: base, count: count))
    unsafe next = unsafe base
    room = count
  }

  deinit {
    for block in blocks { _ = unsafe munmap(block.base, block.count) }
  }
}
