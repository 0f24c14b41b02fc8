import CLibsodium

/// Secret bytes whose number is not known beforehand.
///
/// Growing moves the bytes to larger memory and wipes the smaller.
public struct SecretBuffer: ~Copyable, Sendable {
  private var storage: SecretBytes
  private let locking: SecretBytes.Locking
  /// The number of bytes that were appended.
  public private(set) var count = 0

  /// Makes an empty buffer with room for `capacity` bytes.
  public init(
    capacity: Int = 4096, locking: SecretBytes.Locking = .preferred
  ) throws(SecretMemoryError) {
    storage = try SecretBytes(count: capacity, locking: locking)
    self.locking = locking
  }

  /// Makes a buffer that goes on after bytes.
  public init(_ bytes: consuming SecretBytes, locking: SecretBytes.Locking = .preferred) {
    count = bytes.count
    storage = bytes
    self.locking = locking
  }

  public var isEmpty: Bool { count == 0 }

  /// Makes room for `additional` bytes, at least doubling what there is if it is too little.
  public mutating func reserve(_ additional: Int) throws(SecretMemoryError) {
    guard additional > storage.count - count else { return }
    var larger = try SecretBytes(
      count: max(count + additional, storage.count * 2), locking: locking)
    let count = count
    unsafe storage.withUnsafeBytes { old in
      unsafe larger.withUnsafeMutableBytes {
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[..<count]))
      }
    }
    storage = larger
  }

  /// Appends a copy of bytes.
  public mutating func append(_ bytes: Span<UInt8>) throws(SecretMemoryError) {
    try reserve(bytes.count)
    unsafe write(upTo: bytes.count) { free in
      unsafe bytes.withUnsafeBytes { unsafe free.copyMemory(from: $0) }
      return bytes.count
    }
  }

  /// Lets `fill` write into the room that is there already, at most `limit` bytes.
  ///
  /// - Returns: what `fill` returned.
  @discardableResult
  public mutating func write<Failure: Error>(
    upTo limit: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    let start = count
    let end = min(storage.count, start + limit)
    let written = unsafe try storage.withUnsafeMutableBytes { bytes throws(Failure) in
      unsafe try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end]))
    }
    precondition(0...(end - start) ~= written)
    count += written
    return written
  }

  /// Wipes and forgets what lies after the first `count` bytes; the room stays.
  public mutating func truncate(to count: Int) {
    precondition(0...self.count ~= count)
    let old = self.count
    unsafe storage.withUnsafeMutableBytes { bytes in
      unsafe sodium_memzero(bytes.baseAddress! + count, old - count)
    }
    self.count = count
  }

  /// Reads the bytes.
  public borrowing func withSpan<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let count = count
    return try storage.withSpan { span throws(Failure) in try body(span.extracting(..<count)) }
  }

  /// Ends appending; nothing is copied.
  public consuming func finish() -> SecretBytes {
    let count = count
    var bytes = storage
    bytes.truncate(to: count)
    return bytes
  }
}
