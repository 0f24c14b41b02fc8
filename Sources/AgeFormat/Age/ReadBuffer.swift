/// Bytes that were read from a source and are yet to be used.
struct ReadBuffer: Sendable {
  private static let firstSize = 4 << 10
  private static let largestSize = 256 << 10

  /// Room, in which the bytes lie from `start` to `end`: at first little, since most files are small.
  private var room: [UInt8] = []
  private var start = 0
  private var end = 0
  /// Whether the source has said that it is at its end.
  private(set) var isAtEnd = false

  /// The bytes that are there.
  var available: ArraySlice<UInt8> { room[start..<end] }

  /// Gives up the first `count` bytes.
  mutating func skip(_ count: Int) {
    start += count
    precondition(start <= end)
  }

  /// Reads more from the source after what is there.
  mutating func refill(from source: inout some ByteSource) throws(AgeError) {
    let wasFull = end == room.count
    let held = Array(available)
    room.replaceSubrange(..<held.count, with: held)
    start = 0
    end = held.count
    if wasFull && room.count < Self.largestSize || end == room.count {
      room.append(contentsOf: [UInt8](repeating: 0, count: max(Self.firstSize, room.count)))
    }
    var span = room.mutableSpan
    let count = try unsafe span.withUnsafeMutableBytes { buffer throws(AgeError) in
      unsafe try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[held.count...]))
    }
    end += count
    isAtEnd = count == 0
  }

  /// Moves what is there into a buffer, as far as that has room.
  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = available.prefix(buffer.count)
    unsafe buffer.copyBytes(from: taken)
    start += taken.count
    return taken.count
  }
}
