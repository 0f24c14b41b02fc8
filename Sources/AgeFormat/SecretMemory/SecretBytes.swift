import CLibsodium
import Synchronization

/// Bytes that are never written to swap or a core dump, and are wiped when they go out of scope.
///
/// More than 64 bytes lie in pages of their own between two guard pages; fewer lie in a cell of locked pages that the
/// process shares.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
  // Sendable: a value is the only owner of its memory, and changing it takes exclusive access.

  /// Whether memory may be used that could not be locked.
  public enum Locking: Sendable, Hashable {
    /// For keys: memory that cannot be locked is an error.
    case required
    /// For clear text, which may be larger than the limit of locked memory.
    case preferred
  }

  private static let someUnlocked = Atomic(false)

  /// Whether any secret of this process lay in memory that could not be locked, so that a command can warn once.
  public static var anyUnlocked: Bool { someUnlocked.load(ordering: .relaxed) }

  private let base: UnsafeMutableRawPointer
  private let isCell: Bool
  /// Whether the memory is locked.
  public let isLocked: Bool
  /// The number of bytes.
  public private(set) var count: Int

  /// Makes `count` bytes of zeroes.
  ///
  /// - Throws: `SecretMemoryError` with the code `.notLocked` (only where locking is required), `.exhausted` or `.library`.
  public init(count: Int, locking: Locking = .required) throws(SecretMemoryError) {
    precondition(count >= 0)
    if count <= Cells.size, let cell = unsafe try Self.cell(locking) {
      unsafe base = cell
      isCell = true
      isLocked = true
    } else {
      let pages = unsafe try Pages.allocate(count, locking)
      unsafe base = pages.base
      isCell = false
      isLocked = unsafe pages.isLocked
      if !isLocked { Self.someUnlocked.store(true, ordering: .relaxed) }
    }
    self.count = count
  }

  /// A cell, or none where none could be locked and none need be.
  private static func cell(
    _ locking: Locking
  ) throws(SecretMemoryError) -> UnsafeMutableRawPointer? {
    do {
      return unsafe try Cells.take()
    } catch {
      if error.code == .notLocked && locking == .preferred { return nil }
      throw error
    }
  }

  /// Copies bytes; wiping the original is the caller's.
  public init(copying bytes: Span<UInt8>, locking: Locking = .required) throws(SecretMemoryError) {
    try self.init(count: bytes.count, locking: locking)
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe withUnsafeMutableBytes { unsafe $0.copyMemory(from: bytes) }
    }
  }

  /// Copies the bytes of an array; wiping the array is the caller's.
  public init(copying bytes: [UInt8], locking: Locking = .required) throws(SecretMemoryError) {
    try self.init(copying: bytes.span, locking: locking)
  }

  /// Makes `count` bytes from the system's random generator.
  public static func random(count: Int) throws(SecretMemoryError) -> SecretBytes {
    let bytes = try SecretBytes(count: count)
    unsafe randombytes_buf(bytes.base, count)
    return bytes
  }

  deinit {
    if isCell { unsafe Cells.give(base) } else { unsafe Pages.free(base) }
  }

  public var isEmpty: Bool { count == 0 }

  /// Reads the bytes.
  public borrowing func withSpan<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe UnsafeRawBufferPointer(start: base, count: count).assumingBytes.span)
  }

  /// Reads the bytes through a pointer that is valid while `body` runs.
  public borrowing func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Changes the bytes through a pointer that is valid while `body` runs.
  public mutating func withUnsafeMutableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe try body(UnsafeMutableRawBufferPointer(start: base, count: count))
  }

  /// Makes a second, independent copy.
  public borrowing func copy(locking: Locking = .required) throws(SecretMemoryError) -> SecretBytes
  {
    let count = count
    var copy = try SecretBytes(count: count, locking: locking)
    unsafe withUnsafeBytes { bytes in
      unsafe copy.withUnsafeMutableBytes { unsafe $0.copyMemory(from: bytes) }
    }
    return copy
  }

  /// Wipes and forgets what lies after the first `count` bytes.
  public mutating func truncate(to count: Int) {
    precondition(0...self.count ~= count)
    unsafe sodium_memzero(base + count, self.count - count)
    self.count = count
  }

  /// Whether two secrets are the same, in a time that depends on their lengths alone.
  public static func == (left: borrowing SecretBytes, right: borrowing SecretBytes) -> Bool {
    unsafe left.count == right.count && sodium_memcmp(left.base, right.base, left.count) == 0
  }
}

extension UnsafeRawBufferPointer {
  /// The same bytes, as a buffer of `UInt8`: every byte of raw memory is one.
  var assumingBytes: UnsafeBufferPointer<UInt8> {
    unsafe assumingMemoryBound(to: UInt8.self)
  }
}
