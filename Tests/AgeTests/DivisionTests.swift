import Age
import Dispatch
import SecretMemory
import Synchronization
import TestSupport
import Testing

/// Large payloads, one chunk after the other and divided among threads, of which a machine with one processor has some
/// too: what comes out, and how it ends, must not depend on that.
@Suite struct DivisionTests {
  static let chunk = 65_536
  static let sealed = chunk + 16
  /// Every chunk alone, as it is done for small payloads.
  static let oneByOne = Division(alone: .max, workers: 1, block: 1)
  static let divided = [
    Division(alone: 0, workers: 1, block: 1), Division(alone: 0, workers: 2, block: 1),
    Division(alone: 0, workers: 3, block: 2), Division(alone: 1, workers: 2, block: 3),
    Division(alone: 2, workers: 8, block: 4), .standard,
  ]
  static let clear: [UInt8] = {
    var random = Pseudorandom(seed: 11)
    return random.bytes(21 * chunk + 1)
  }()
  static let key = Result { try X25519Identity() }

  private let identity: X25519Identity

  init() throws {
    identity = try Self.key.get()
  }

  /// At and around whole chunks and blocks, and what is done alone as a rule.
  static let sizes =
    [1, 3, 4, 6, 7, 16, 17].flatMap { chunks in
      [-1, 0, 1].map { chunks * chunk + $0 }
    } + [0, 1, 100]

  @Test(arguments: divided)
  func everySizeRoundTrips(_ division: Division) throws {
    for size in Self.sizes {
      let clear = Array(Self.clear[..<size])
      for armor in [false, true] {
        let file = try seal(BytesSource(clear), division, armor: armor)
        for other in armor ? [division] : [Self.oneByOne, division] {
          let outcome = open(BytesSource(file), other)
          #expect(outcome.failure == nil, "\(size) bytes: \(String(describing: outcome.failure))")
          #expect(outcome.released == clear, "\(size) bytes")
        }
      }
      let inMemory = try encrypt(
        SecretBytes(copying: clear, locking: .preferred), recipients: [identity.recipient],
        armor: false, division: division)
      #expect(open(BytesSource(inMemory), Self.oneByOne).released == clear, "\(size) bytes")
      #expect(try reveal(inMemory, division) == clear, "\(size) bytes")
    }
  }

  /// Sources that give a byte, less than a line, nearly a chunk, or more than a block at a time.
  @Test(arguments: divided, [1, 61, 4099, 65_535, 65_537, 200_000])
  func everySourceWillDo(_ division: Division, _ step: Int) throws {
    let size = (step == 1 ? 1 : 9) * Self.chunk + 77
    let clear = Array(Self.clear[..<size])
    for armor in [false, true] {
      let file = try seal(TrickleSource(clear, step: step), division, armor: armor)
      let outcome = open(TrickleSource(file, step: step), division)
      #expect(outcome.failure == nil)
      #expect(outcome.released == clear)
    }
  }

  @Test(arguments: PayloadDamage.all)
  func damageIsNoticedWhereItIs(_ damage: PayloadDamage) throws {
    let clear = Array(Self.clear[..<PayloadDamage.size])
    var file = try seal(BytesSource(clear), Self.oneByOne)
    damage.apply(&file, try start(of: file))
    let armored = file.armored
    for division in [Self.oneByOne] + Self.divided {
      for step in [Int.max, 50_000] {
        for file in [file, armored] {
          let outcome = open(TrickleSource(file, step: step), division)
          #expect(outcome.failure?.code == .payload)
          #expect(
            outcome.failure?.reason.contains(damage.reason) == true,
            "\(outcome.failure?.reason ?? "")")
          #expect(outcome.released.count == damage.intact * Self.chunk)
          #expect(outcome.released.isPrefix(of: clear))
        }
      }
      #expect(code { _ = try reveal(file, division) } == .payload)
    }
  }

  /// The last chunk may fill a block to its end: what comes then was read ahead, and is too much.
  @Test(arguments: [1, 3, 4, 5, 8, 9, 12])
  func nothingMayFollowAFullLastChunk(_ chunks: Int) throws {
    let clear = Array(Self.clear[..<(chunks * Self.chunk)])
    let file = try seal(BytesSource(clear), Self.oneByOne)
    for division in [Self.oneByOne] + Self.divided {
      for extra in [1, 16, 17, Self.sealed, 5 * Self.sealed] {
        let outcome = open(BytesSource(file + [UInt8](repeating: 1, count: extra)), division)
        #expect(
          outcome.failure?.reason == "decrypt the payload: there is something after its last chunk")
        #expect(outcome.released == clear)
      }
      let failing = open(FailingSource(file, at: file.count), division)
      #expect(failing.failure?.code == .read)
      #expect(failing.released == clear)
    }
  }

  /// Whatever was whole before reading fails is released, or sealed, and then the failure is what it was.
  @Test(arguments: divided)
  func aSourceMayFailAnywhere(_ division: Division) throws {
    let clear = Array(Self.clear[..<PayloadDamage.size])
    let file = try seal(BytesSource(clear), Self.oneByOne)
    let start = try start(of: file)
    for chunk in [0, 1, 4, 5, 9, 13] {
      for offset in [0, 1, 15, 16, 17, 100] {
        let place = start + chunk * Self.sealed + offset
        let outcome = open(FailingSource(file, at: place, step: 100_000), division)
        #expect(outcome.failure?.code == .read)
        #expect(outcome.failure?.reason == "read: this source fails at \(place)")
        #expect(outcome.released == Array(clear[..<(chunk * Self.chunk)]))

        let clearPlace = chunk * Self.chunk + offset
        let sealing = sealed(FailingSource(clear, at: clearPlace, step: 100_000), division)
        let reference = sealed(FailingSource(clear, at: clearPlace), Self.oneByOne)
        #expect(sealing.failure?.reason == "read: this source fails at \(clearPlace)")
        #expect(sealing.count == reference.count)
      }
    }
  }

  /// After a sink has failed nothing is written, and what was is a prefix.
  @Test(arguments: divided)
  func aSinkMayFailAnywhere(_ division: Division) throws {
    let clear = Array(Self.clear[..<PayloadDamage.size])
    let file = try seal(BytesSource(clear), Self.oneByOne)
    var damaged = file
    damaged[try start(of: file) + 9 * Self.sealed] ^= 1
    for limit in [0, 1, Self.chunk, 3 * Self.chunk, 8 * Self.chunk + 1] {
      for file in [file, damaged] {
        var sink = FailingSink(limit: limit)
        #expect(code { try open(BytesSource(file), to: &sink, division) } == .write)
        #expect(!sink.wasUsedAfterFailure)
        #expect(sink.bytes.isPrefix(of: clear))
        #expect(sink.bytes.count <= limit)
      }
      var sink = FailingSink(limit: limit)
      #expect(
        code {
          var source = BytesSource(clear)
          try encrypt(
            from: &source, to: &sink, recipients: [identity.recipient], armor: false,
            division: division)
        } == .write)
      #expect(!sink.wasUsedAfterFailure)
    }
    // What is damaged comes first where it is first.
    var sink = FailingSink(limit: 9 * Self.chunk)
    #expect(code { try open(BytesSource(damaged), to: &sink, division) } == .payload)
    #expect(sink.bytes == Array(clear[..<(9 * Self.chunk)]))
  }

  /// Neither a source nor a sink is ever used by two threads at once.
  @Test(arguments: divided)
  func streamsAreUsedByOneAtATime(_ division: Division) throws {
    let clear = Self.clear
    let reading = Exclusivity()
    let writing = Exclusivity()
    var source = WatchedSource(source: BytesSource(clear), exclusivity: reading)
    var sink = WatchedSink(exclusivity: writing)
    try encrypt(
      from: &source, to: &sink, recipients: [identity.recipient], armor: true, division: division)
    let file = WatchedSource(source: BytesSource(sink.sink.bytes), exclusivity: reading)
    var opened = WatchedSink(exclusivity: writing)
    try open(file, to: &opened, division)
    #expect(opened.sink.bytes == clear)
    #expect(reading.uses > 0 && reading.collisions == 0)
    #expect(writing.uses > 0 && writing.collisions == 0)
  }

  /// Many files at once, more than there are processors.
  @Test func severalAtOnce() throws {
    let file = try seal(BytesSource(Self.clear), .standard, armor: true)
    let right = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      let outcome = open(BytesSource(file), Self.divided[index % Self.divided.count])
      let again = try? seal(BytesSource(outcome.released), .standard)
      if outcome.failure == nil, outcome.released == Self.clear, again != nil {
        right.add(1, ordering: .relaxed)
      }
    }
    #expect(right.load(ordering: .relaxed) == 8)
  }

  /// Where the payload of a file begins.
  private func start(of file: [UInt8]) throws -> Int {
    try EncryptedFile(reading: BytesSource(file)).header.encoded.count + 16
  }

  private func seal(
    _ source: some ByteSource, _ division: Division, armor: Bool = false
  ) throws -> [UInt8] {
    var source = source
    var sink = BytesSink()
    try encrypt(
      from: &source, to: &sink, recipients: [identity.recipient], armor: armor, division: division)
    return sink.bytes
  }

  /// How much is sealed before an error.
  private func sealed(
    _ source: some ByteSource, _ division: Division
  ) -> (count: Int, failure: AgeError?) {
    var source = source
    var sink = BytesSink()
    do {
      try encrypt(
        from: &source, to: &sink, recipients: [identity.recipient], armor: false,
        division: division)
      return (sink.bytes.count, nil)
    } catch {
      return (sink.bytes.count, error)
    }
  }

  private func open<Sink: ByteSink & ~Copyable>(
    _ source: some ByteSource, to sink: inout Sink, _ division: Division
  ) throws(AgeError) {
    let file = try EncryptedFile(reading: source)
    try file.decrypt(
      with: file.header.fileKey(identities: [identity]), to: &sink, division: division)
  }

  private func open(
    _ source: some ByteSource, _ division: Division
  ) -> (released: [UInt8], failure: AgeError?) {
    var sink = BytesSink()
    do {
      try open(source, to: &sink, division)
      return (sink.bytes, nil)
    } catch {
      return (sink.bytes, error)
    }
  }

  private func reveal(_ file: [UInt8], _ division: Division) throws -> [UInt8] {
    let file = try EncryptedFile(reading: BytesSource(file))
    let key = try file.header.fileKey(identities: [identity])
    return try file.decrypted(with: key, division: division).revealed
  }
}
