import Age
import Dispatch
import Foundation
import SecretMemory
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct PayloadTests {
  static let chunk = 65_536
  static let sizes = [0, 1, 2].flatMap { chunks in
    [-1, 0, 1].map { chunks * chunk + $0 }
  }.filter { $0 >= 0 }

  private let identity: X25519Identity

  init() throws {
    identity = try X25519Identity()
  }

  /// Whatever way a file is written and read, at and around whole chunks.
  @Test(arguments: sizes, [1 << 20, chunk, chunk + 16, 999])
  func roundTrip(_ size: Int, _ step: Int) throws {
    var random = Pseudorandom(seed: UInt64(size))
    let clear = random.bytes(size)
    var source = TrickleSource(clear, step: step)
    var sink = BytesSink()
    try encrypt(from: &source, to: &sink, recipients: [identity.recipient])
    let inMemory = try encrypted(clear, [identity.recipient])
    #expect(sink.bytes.count == inMemory.count)
    let chunks = max(1, (size + Self.chunk - 1) / Self.chunk)
    let header = try EncryptedFile(reading: BytesSource(inMemory)).header.encoded.count
    #expect(inMemory.count == header + 16 + size + 16 * chunks)
    for file in [sink.bytes, inMemory] {
      let outcome = Outcome(TrickleSource(file, step: step), [identity])
      #expect(outcome.failure == nil)
      #expect(outcome.released == clear)
      #expect(try decrypt(file, identities: [identity]).revealed == clear)
    }
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let clear = Array("some clear text".utf8)
    let file = try encrypted(clear, [identity.recipient])
    let header = try EncryptedFile(reading: BytesSource(file)).header.encoded.count
    for index in file.indices {
      for bit in 0..<8 {
        var damaged = file
        damaged[index] ^= 1 << bit
        let outcome = Outcome(BytesSource(damaged), [identity])
        let allowed: [AgeError.Code] =
          index < header ? [.header, .headerMAC, .noMatch] : [.payload]
        #expect(outcome.failure.map { allowed.contains($0.code) } == true, "bit \(bit) of \(index)")
        #expect(outcome.released.isEmpty)
      }
    }
  }

  @Test func everyTruncationIsNoticed() throws {
    let file = try encrypted(Array("some clear text".utf8), [identity.recipient])
    let header = try EncryptedFile(reading: BytesSource(file)).header.encoded.count
    for count in file.indices {
      let outcome = Outcome(BytesSource(Array(file[..<count])), [identity])
      #expect(outcome.failure?.code == (count < header + 16 ? .header : .payload), "\(count) bytes")
      #expect(outcome.released.isEmpty)
    }
  }

  /// What was released before an error is whole chunks from the begin, and nothing of the damaged one.
  @Test(arguments: [0, 1, 2])
  func damageInAChunkKeepsThoseBefore(_ damagedChunk: Int) throws {
    var random = Pseudorandom(seed: 4)
    let clear = random.bytes(2 * Self.chunk + 100)
    var file = try encrypted(clear, [identity.recipient])
    let header = try EncryptedFile(reading: BytesSource(file)).header.encoded.count
    file[header + 16 + damagedChunk * (Self.chunk + 16) + 50] ^= 0x80
    let outcome = Outcome(BytesSource(file), [identity])
    #expect(outcome.failure?.code == .payload)
    #expect(outcome.released == Array(clear[..<(damagedChunk * Self.chunk)]))
    #expect(code { _ = try decrypt(file, identities: [identity]) } == .payload)
  }

  @Test func chunksCannotChangePlaces() throws {
    var random = Pseudorandom(seed: 5)
    let file = try encrypted(random.bytes(2 * Self.chunk + 1), [identity.recipient])
    let header = try EncryptedFile(reading: BytesSource(file)).header.encoded.count
    let start = header + 16
    let sealed = Self.chunk + 16
    let swapped =
      file[..<start] + file[(start + sealed)..<(start + 2 * sealed)]
      + file[start..<(start + sealed)] + file[(start + 2 * sealed)...]
    #expect(Outcome(BytesSource(Array(swapped)), [identity]).failure?.code == .payload)
    let dropped = file[..<start] + file[(start + sealed)...]
    #expect(Outcome(BytesSource(Array(dropped)), [identity]).failure?.code == .payload)
  }

  @Test func twoFilesOfTheSameAreDifferent() throws {
    let files = try (0..<20).map { _ in try encrypted([1, 2, 3], [identity.recipient]) }
    #expect(Set(files).count == 20)
  }

  @Test func descriptorsWork() throws {
    let directory = try TemporaryDirectory()
    let clear = [UInt8](repeating: 9, count: 100_000)
    let input = try FileDescriptor.open(FilePath(directory.write("clear", clear)), .readOnly)
    let path = FilePath(directory.path("file"))
    let output = try FileDescriptor.open(
      path, .readWrite, options: .create, permissions: .ownerReadWrite)
    defer {
      try? input.close()
      try? output.close()
    }
    var source = DescriptorSource(input)
    var sink = DescriptorSink(output)
    try encrypt(from: &source, to: &sink, recipients: [identity.recipient])
    try output.seek(offset: 0, from: .start)
    #expect(Outcome(DescriptorSource(output), [identity]).released == clear)
    var wrongWay = DescriptorSink(input)
    #expect(code { try wrongWay.write([1].span) } == .write)
    let closed = DescriptorSource(FileDescriptor(rawValue: -1))
    #expect(Outcome(closed, [identity]).failure?.code == .read)
  }

  /// A pipe gets more room once much goes through it, at either end; what comes out is the same.
  @Test(arguments: [100_000, 3_000_000])
  func pipesWork(_ size: Int) throws {
    var random = Pseudorandom(seed: 10)
    let clear = random.bytes(size)
    let (input, inputEnd) = try FileDescriptor.pipe()
    let (outputEnd, output) = try FileDescriptor.pipe()
    let identity = identity
    let sizes = Box<[Int32]>([])
    let outcome = Box<Outcome?>(nil)
    let done = DispatchGroup()
    onThread(done) {
      try? inputEnd.closeAfter { _ = try inputEnd.writeAll(clear) }
    }
    onThread(done) {
      try? output.closeAfter {
        var source = DescriptorSource(input)
        var sink = DescriptorSink(output)
        try encrypt(from: &source, to: &sink, recipients: [identity.recipient])
        sizes.value.withLock { $0 = [pipeSize(input), pipeSize(output)] }
      }
    }
    onThread(done) {
      outcome.value.withLock { $0 = Outcome(DescriptorSource(outputEnd), [identity]) }
    }
    done.wait()
    let room: Int32 = size > 1 << 18 ? 1 << 20 : 1 << 16
    #expect(sizes.value.withLock { $0 } == [room, room])
    #expect(outcome.value.withLock { $0?.failure } == nil)
    #expect(outcome.value.withLock { $0?.released } == clear)
    try input.close()
    try outputEnd.close()
  }
}

/// Runs what may have to wait for others on a thread of its own.
private func onThread(_ group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
  group.enter()
  Thread {
    body()
    group.leave()
  }.start()
}

/// A value that threads share.
private final class Box<Value>: Sendable {
  let value: Mutex<Value>
  init(_ value: sending Value) { self.value = Mutex(value) }
}

/// F_GETPIPE_SZ of fcntl(2).
private func pipeSize(_ pipe: FileDescriptor) -> Int32 { fcntl(pipe.rawValue, 1032) }

/// How much a run has taken in and not given out again.
private final class Balance: Sendable {
  private let state = Mutex((held: 0, most: 0, largestPiece: 0))

  func took(_ count: Int) {
    state.withLock {
      $0.held += count
      $0.most = max($0.most, $0.held)
    }
  }

  func gave(_ count: Int) {
    state.withLock {
      $0.held -= count
      $0.largestPiece = max($0.largestPiece, count)
    }
  }

  var most: Int { state.withLock(\.most) }
  var largestPiece: Int { state.withLock(\.largestPiece) }
}

private struct CountedSource: ByteSource {
  var remaining: Int
  let balance: Balance

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let count = min(remaining, buffer.count)
    unsafe buffer[..<count].initializeMemory(as: UInt8.self, repeating: 0x61)
    remaining -= count
    balance.took(count)
    return count
  }
}

private struct CountedSink: ByteSink {
  let balance: Balance

  mutating func write(_ bytes: Span<UInt8>) throws(AgeError) { balance.gave(bytes.count) }
}

/// Never is more taken in than given out, but for a block in each thread.
@Suite struct FlatMemoryTests {
  private static let division = Division(alone: 2, workers: 3, block: 2)
  private static let blocks = 3 * (2 * 65_552 + 1)

  @Test(arguments: [false, true])
  func encryptingHoldsAFewBlocks(_ armor: Bool) throws {
    let balance = Balance()
    var source = CountedSource(remaining: 64 << 20, balance: balance)
    var sink = CountedSink(balance: balance)
    let identity = try X25519Identity()
    try encrypt(
      from: &source, to: &sink, recipients: [identity.recipient], armor: armor,
      division: Self.division)
    #expect(source.remaining == 0)
    #expect(balance.most <= Self.blocks)
    #expect(balance.largestPiece <= 200_000)
  }

  @Test(arguments: [false, true])
  func decryptingHoldsAFewBlocks(_ armor: Bool) throws {
    let identity = try X25519Identity()
    let clear = [UInt8](repeating: 1, count: 16 << 20)
    let file = try encrypted(clear, [identity.recipient], armor: armor)
    let balance = Balance()
    var sink = CountedSink(balance: balance)
    let opened = try EncryptedFile(
      reading: MeteredSource(source: BytesSource(file), balance: balance))
    try opened.decrypt(
      with: opened.header.fileKey(identities: [identity]), to: &sink, division: Self.division)
    // What armor and tags add was taken in and is never given out; armor is read a quarter of a mebibyte at a time.
    let overhead = file.count - clear.count
    #expect(balance.most <= overhead + Self.blocks + (armor ? 256 << 10 : 0))
    #expect(balance.largestPiece <= 2 * 65_536)
  }

  /// The resident memory of a whole process is the same for a quarter of a gibibyte as for a few mebibytes.
  @Test(arguments: [false, true])
  func aProcessStaysSmall(_ armor: Bool) async throws {
    let directory = try TemporaryDirectory()
    let file = directory.path("file")
    var most: [[Int]] = []
    for size in [0, 16, 256] {
      let sealing = try await memory([file, "\(size)"] + (armor ? ["armor"] : []))
      let opening = try await memory([file])
      #expect(opening.text.contains("bytes \(size << 20)\n"))
      most.append([sealing.kibibytes, opening.kibibytes])
    }
    for way in [0, 1] {
      #expect(most[2][way] - most[1][way] < 2 << 10, "\(most)")
      #expect(most[2][way] - most[0][way] < 20 << 10, "\(most)")
    }
  }

  private func memory(_ arguments: [String]) async throws -> (kibibytes: Int, text: String) {
    let output = try await runChecked(product("stream-probe"), arguments)
    let text = String(decoding: output, as: UTF8.self)
    let last = text.split(separator: "kibibytes ").last?.split(separator: "\n").first ?? ""
    return (try #require(Int(last)), text)
  }
}

private struct MeteredSource: ByteSource {
  var source: BytesSource
  let balance: Balance

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let count = unsafe try source.read(into: buffer)
    balance.took(count)
    return count
  }
}
