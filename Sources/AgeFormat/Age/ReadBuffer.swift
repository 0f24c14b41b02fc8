/// Bytes that were read from a source and are yet to be used.
struct ReadBuffer: Sendable {
  private static let largestSize = 64 << 10

  private var bytes: [UInt8] = []
  private var start = 0
  /// How many bytes to ask for next: at first few, since most files are small.
  private var room = 4 << 10
  /// Whether the source has said that it is at its end.
  private(set) var isAtEnd = false

  /// The bytes that are there.
  var available: ArraySlice<UInt8> { bytes[start...] }

  /// Gives up the first `count` bytes.
  mutating func skip(_ count: Int) {
    start += count
  }

  /// Reads more from the source after what is there.
  mutating func refill(from source: inout some ByteSource) throws(AgeError) {
    bytes.removeSubrange(..<start)
    start = 0
    let old = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: room))
    var count = 0
    defer { bytes.removeSubrange((old + count)...) }
    count = try Self.read(from: &source, into: &bytes, after: old)
    isAtEnd = count == 0
    room = min(room * 2, Self.largestSize)
  }

  private static func read(
    from source: inout some ByteSource, into bytes: inout [UInt8], after old: Int
  ) throws(AgeError) -> Int {
    var span = bytes.mutableSpan
    return try unsafe span.withUnsafeMutableBytes { buffer throws(AgeError) in
      unsafe try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[old...]))
    }
  }

  /// Moves what is there into a buffer, as far as it has room.
  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = available.prefix(buffer.count)
    unsafe buffer.copyBytes(from: taken)
    start += taken.count
    return taken.count
  }
}
