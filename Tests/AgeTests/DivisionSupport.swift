import Age
import Foundation
import Synchronization
import Testing

/// A way to damage a payload of many chunks: 0 to 12 are full, number 13 has 100 bytes.
struct PayloadDamage: Sendable, CustomStringConvertible {
  static let size = 13 * 65_536 + 100
  private static let sealed = 65_552

  let description: String
  /// How many chunks at the begin are as they were.
  let intact: Int
  /// What the error says.
  let reason: String
  /// Changes a file whose payload starts at an offset.
  let apply: @Sendable (_ file: inout [UInt8], _ start: Int) -> Void

  static let all = flips + cuts + others

  private static let flips: [PayloadDamage] = [
    (0, 40), (1, 40), (5, 40), (12, 40), (13, 40), (1, sealed - 1), (5, sealed - 1),
    (12, sealed - 1),
  ].map { chunk, offset in
    PayloadDamage(
      description: "byte \(offset) of chunk \(chunk)", intact: chunk,
      reason: "chunk \(chunk) is damaged"
    ) { file, start in file[start + chunk * sealed + offset] ^= 4 }
  }

  private static let cuts: [PayloadDamage] = [1, 4, 5, 8, 13].flatMap { chunks in
    [
      cut(chunks, 0, "it is cut short"), cut(chunks, 15, "it is cut short"),
      cut(chunks, 16, "its last chunk is empty"), cut(chunks, 90, "chunk \(chunks) is damaged"),
    ]
  }

  private static func cut(_ chunks: Int, _ rest: Int, _ reason: String) -> PayloadDamage {
    PayloadDamage(
      description: "cut after \(chunks) chunks and \(rest) bytes", intact: chunks, reason: reason
    ) { file, start in file.removeSubrange((start + chunks * sealed + rest)...) }
  }

  private static let others: [PayloadDamage] = [
    PayloadDamage(description: "a byte more", intact: 13, reason: "chunk 13 is damaged") {
      file, _ in file.append(0)
    },
    PayloadDamage(description: "a chunk more", intact: 13, reason: "chunk 13 is damaged") {
      file, start in file += file[start..<(start + sealed)]
    },
    PayloadDamage(description: "chunks 5 and 6 swapped", intact: 5, reason: "chunk 5 is damaged") {
      file, start in
      for index in (start + 5 * sealed)..<(start + 6 * sealed) {
        file.swapAt(index, index + sealed)
      }
    },
    PayloadDamage(description: "chunk 5 dropped", intact: 5, reason: "chunk 5 is damaged") {
      file, start in
      file.removeSubrange((start + 5 * sealed)..<(start + 6 * sealed))
    },
    PayloadDamage(description: "chunk 5 twice", intact: 6, reason: "chunk 6 is damaged") {
      file, start in
      let chunk = file[(start + 5 * sealed)..<(start + 6 * sealed)]
      file.insert(contentsOf: chunk, at: start + 6 * sealed)
    },
  ]
}

/// A source that fails at an offset.
struct FailingSource: ByteSource {
  private var source: TrickleSource
  private var rest: Int
  private let place: Int

  init(_ bytes: [UInt8], at place: Int, step: Int = .max) {
    source = TrickleSource(bytes, step: step)
    rest = place
    self.place = place
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    guard rest > 0 else { throw AgeError(.read, "read: this source fails at \(place)") }
    let count = unsafe try source.read(
      into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(rest, buffer.count)]))
    rest -= count
    return count
  }
}

/// A sink that takes so many bytes and then fails.
struct FailingSink: ByteSink {
  let limit: Int
  private(set) var bytes: [UInt8] = []
  private var hasFailed = false
  private(set) var wasUsedAfterFailure = false

  init(limit: Int) { self.limit = limit }

  mutating func write(_ more: Span<UInt8>) throws(AgeError) {
    wasUsedAfterFailure = wasUsedAfterFailure || hasFailed
    guard bytes.count + more.count <= limit else {
      hasFailed = true
      throw AgeError(.write, "write: this sink fails after \(limit)")
    }
    unsafe more.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }
}

/// Counts who uses something, and who does while another does.
final class Exclusivity: Sendable {
  private let users = Atomic(0)
  private let collided = Atomic(0)
  private let used = Atomic(0)

  var collisions: Int { collided.load(ordering: .relaxed) }
  var uses: Int { used.load(ordering: .relaxed) }

  func enter() {
    used.add(1, ordering: .relaxed)
    if users.add(1, ordering: .relaxed).oldValue > 0 { collided.add(1, ordering: .relaxed) }
  }

  func leave() { users.subtract(1, ordering: .relaxed) }
}

struct WatchedSource: ByteSource {
  var source: BytesSource
  let exclusivity: Exclusivity

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    exclusivity.enter()
    defer { exclusivity.leave() }
    return unsafe try source.read(into: buffer)
  }
}

struct WatchedSink: ByteSink {
  var sink = BytesSink()
  let exclusivity: Exclusivity

  mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
    exclusivity.enter()
    defer { exclusivity.leave() }
    try sink.write(bytes)
  }
}

extension Division: CustomTestStringConvertible {
  public var testDescription: String { "\(alone) alone, \(workers) × \(block)" }
}

extension [UInt8] {
  /// Whether these are the first of others; in one call, as tests are not optimised.
  func isPrefix(of all: [UInt8]) -> Bool {
    unsafe count <= all.count && memcmp(self, all, count) == 0
  }

  /// Armor as another writes it.
  var armored: [UInt8] {
    let text = Data(self).base64EncodedData(options: [
      .lineLength64Characters, .endLineWithLineFeed,
    ])
    return Array("-----BEGIN AGE ENCRYPTED FILE-----\n".utf8) + text
      + Array("\n-----END AGE ENCRYPTED FILE-----\n".utf8)
  }
}
