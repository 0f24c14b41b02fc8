import CLibsodium
import Synchronization

/// Cells of 64 bytes for keys, cut from locked pages that the whole process shares.
///
/// A run over a thousand files needs ten thousand short-lived keys; a mapping for each would cost six system calls and
/// a page of the limit of locked memory (2,048 pages, often), a cell costs neither. Cells are zero while nobody has them.
enum Cells {
  /// The largest secret, in bytes, that a cell holds.
  static let size = 64
  /// With the 16 bytes that libsodium puts before them, these fill four pages.
  private static let cellsPerSlab = 255

  /// A cell that nobody has.
  @safe
  private struct Cell: @unchecked Sendable {
    // Sendable: whoever takes the cell from the list is its only owner.
    let base: UnsafeMutableRawPointer
  }

  private static let free = Mutex<[Cell]>([])

  /// Takes a cell, allocating more of them when none is left.
  ///
  /// - Throws: what `Pages.allocate` throws.
  static func take() throws(SecretMemoryError) -> UnsafeMutableRawPointer {
    if let cell = free.withLock({ $0.popLast() }) { return unsafe cell.base }
    let slab = unsafe try Pages.allocate(cellsPerSlab * size, .required).base
    free.withLock { list in
      for index in 1..<cellsPerSlab { list.append(unsafe Cell(base: slab + index * size)) }
    }
    return unsafe slab
  }

  /// Makes cells before clear text could take the whole limit of locked memory; that there is none shows later.
  static func reserve() {
    if free.withLock({ $0.isEmpty }), let cell = unsafe try? take() { unsafe give(cell) }
  }

  /// Wipes a cell and lets others have it.
  static func give(_ base: UnsafeMutableRawPointer) {
    unsafe sodium_memzero(base, size)
    let cell = unsafe Cell(base: base)
    free.withLock { $0.append(cell) }
  }
}
