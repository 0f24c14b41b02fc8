import Age
import SecretMemory
import TestSupport
import Testing

@Suite struct ArmorTests {
  private let identity: X25519Identity

  init() throws {
    identity = try X25519Identity()
  }

  private func outcome(_ text: [UInt8], _ expectation: ArmorExpectation = .detect) -> AgeError.Code?
  {
    Outcome(BytesSource(text), [identity], armor: expectation).failure?.code
  }

  /// Every remainder of a line of 48 bytes.
  @Test func everyLengthRoundTrips() throws {
    var random = Pseudorandom(seed: 2)
    for count in 0..<100 {
      let clear = random.bytes(count)
      let text = try encrypted(clear, [identity.recipient], armor: true)
      #expect(try decrypt(text, identities: [identity]).revealed == clear)
      let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
      #expect(lines.first == "-----BEGIN AGE ENCRYPTED FILE-----")
      #expect(lines.last == "-----END AGE ENCRYPTED FILE-----")
      #expect(lines.dropFirst().dropLast(2).allSatisfy { $0.count == 64 })
    }
  }

  @Test func streamingWritesWhatMemoryWould() throws {
    var random = Pseudorandom(seed: 3)
    let clear = random.bytes(200_000)
    for armor in [false, true] {
      var source = TrickleSource(clear, step: 1001)
      var sink = BytesSink()
      try encrypt(from: &source, to: &sink, recipients: [identity.recipient], armor: armor)
      let inMemory = try encrypted(clear, [identity.recipient], armor: armor)
      #expect(sink.bytes.count == inMemory.count)
      #expect(try decrypt(sink.bytes, identities: [identity]).revealed == clear)
    }
  }

  @Test func whiteSpaceAroundItHasALimit() throws {
    let text = try encrypted([1], [identity.recipient], armor: true)
    let blanks = { [UInt8](repeating: UInt8(ascii: " "), count: $0) }
    let feed: [UInt8] = [UInt8(ascii: "\n")]
    #expect(outcome(blanks(1023) + feed + text) == nil)
    #expect(outcome(blanks(1024) + feed + text, .required) == .armor)
    #expect(outcome([UInt8](repeating: feed[0], count: 1024) + text) == nil)
    #expect(outcome([UInt8](repeating: feed[0], count: 1025) + text, .required) == .armor)
    #expect(outcome(text + blanks(1024)) == nil)
    #expect(outcome(text + blanks(1025)) == .armor)
    #expect(outcome(text + blanks(1 << 20)) == .armor)
  }

  /// Whether it is armor does not depend on how much was read at once (found by the fuzzer).
  @Test(arguments: [3, 1 << 20])
  func whatComesTooLateIsNoArmor(_ step: Int) throws {
    let text = try encrypted([1], [identity.recipient], armor: true)
    for (count, expected) in [(1024, nil), (1025, .header)] as [(Int, AgeError.Code?)] {
      let file = [UInt8](repeating: UInt8(ascii: "\n"), count: count) + text
      #expect(Outcome(TrickleSource(file, step: step), [identity]).failure?.code == expected)
    }
  }

  @Test func lineEndsMayBeEither() throws {
    let text = try encrypted([UInt8](repeating: 7, count: 300), [identity.recipient], armor: true)
    let returns = text.flatMap { $0 == UInt8(ascii: "\n") ? [UInt8(ascii: "\r"), $0] : [$0] }
    #expect(outcome(returns) == nil)
    #expect(outcome(Array(text.dropLast())) == nil)
  }

  @Test func whatIsNoArmorIsRefusedWhereItMustBe() throws {
    let binary = try encrypted([1], [identity.recipient])
    #expect(outcome(binary) == nil)
    #expect(outcome(binary, .required) == .armor)
    #expect(outcome(Array("-----BEGIN AGE ENCRYPTED FILE----\n".utf8)) == .armor)
    #expect(outcome([UInt8](repeating: UInt8(ascii: "-"), count: 1 << 20)) == .armor)
    #expect(outcome([], .required) == .armor)
  }

  /// No prefix of armor decrypts, except for the one that lacks only the last line feed.
  @Test func everyTruncationIsNoticed() throws {
    let clear = Array("some clear text that fills a line or two of base64".utf8)
    let text = try encrypted(clear, [identity.recipient], armor: true)
    for count in 0..<(text.count - 1) {
      let outcome = Outcome(BytesSource(Array(text[..<count])), [identity], armor: .required)
      #expect(outcome.failure?.code == .armor, "\(count) bytes")
    }
  }

  /// Bits of every kind: of the character's value, of its case, and the one that makes it no ASCII.
  @Test func flippedBitsAreNoticed() throws {
    let text = try encrypted([1], [identity.recipient], armor: true)
    for index in text.indices {
      for bit in [0, 2, 5, 7] {
        var damaged = text
        damaged[index] ^= 1 << bit
        let failure = Outcome(BytesSource(damaged), [identity], armor: .required).failure
        #expect(failure != nil, "bit \(bit) of byte \(index)")
      }
    }
  }

  /// Files of many reads and blocks with either line end, or both.
  @Test func lineEndsMayBeEitherInLargeFiles() throws {
    var random = Pseudorandom(seed: 6)
    let clear = random.bytes(700_000)
    let text = try encrypted(clear, [identity.recipient], armor: true)
    for period in [1, 2, 5000] {
      var lines = 0
      var mixed: [UInt8] = []
      for byte in text {
        if byte == UInt8(ascii: "\n") {
          lines += 1
          if lines % period == 0 { mixed.append(UInt8(ascii: "\r")) }
        }
        mixed.append(byte)
      }
      #expect(mixed.count == text.count + lines / period)
      for step in [Int.max, 4099] {
        let outcome = Outcome(TrickleSource(mixed, step: step), [identity])
        #expect(outcome.failure == nil)
        #expect(outcome.released.isPrefix(of: clear) && outcome.released.count == clear.count)
      }
    }
  }

  /// A line that is damaged far in: the chunks before it are released, and the armor is what is wrong.
  @Test(arguments: [1000, 5461, 13_000, 14_000], [0, 31, 32, 63, 64])
  func damageFarInIsNoticedWhereItIs(_ line: Int, _ column: Int) throws {
    var random = Pseudorandom(seed: 7)
    let clear = random.bytes(700_000)
    var text = try encrypted(clear, [identity.recipient], armor: true)
    let header = try EncryptedFile(reading: BytesSource(text)).header.encoded.count
    text["-----BEGIN AGE ENCRYPTED FILE-----\n".utf8.count + line * 65 + column] ^= 0x80
    let chunks = (line * 48 - header - 16) / 65_552
    for division in [DivisionTests.oneByOne] + DivisionTests.divided {
      for step in [Int.max, 9999] {
        var sink = BytesSink()
        let failure = code {
          let file = try EncryptedFile(reading: TrickleSource(text, step: step))
          try file.decrypt(
            with: file.header.fileKey(identities: [identity]), to: &sink, division: division)
        }
        #expect(failure == .armor)
        #expect(sink.bytes.count == chunks * 65_536)
        #expect(sink.bytes.isPrefix(of: clear))
      }
    }
  }
}

/// Whole lines at once, with and without wide vectors.
@Suite struct Base64LineTests {
  private static let variants = Base64.hasAVX2 ? [false, true] : [false]

  private func encode(_ bytes: [UInt8], _ withAVX2: Bool) -> [UInt8] {
    var text = [UInt8](repeating: 0xaa, count: bytes.count / 48 * 65 + 1)
    unsafe text.withUnsafeMutableBytes {
      unsafe Base64.encodeLines(bytes.span, into: $0, withAVX2: withAVX2)
    }
    #expect(text.last == 0xaa)
    return text.dropLast()
  }

  private func decode(_ text: [UInt8], _ withAVX2: Bool) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xaa, count: text.count / 65 * 48 + 1)
    let lines = unsafe bytes.withUnsafeMutableBytes {
      unsafe Base64.decodeLines(text.span, into: $0, withAVX2: withAVX2)
    }
    #expect(bytes.last == 0xaa)
    return Array(bytes[..<(lines * 48)])
  }

  @Test(arguments: variants)
  func linesAreWhatTheyAreAlone(_ withAVX2: Bool) {
    var random = Pseudorandom(seed: 8)
    for lines in 0..<60 {
      let bytes = random.bytes(lines * 48)
      let expected = (0..<lines).flatMap { line in
        Base64.encode(bytes.span.extracting((line * 48)..<((line + 1) * 48)), padded: true)
          + [UInt8(ascii: "\n")]
      }
      let text = encode(bytes, withAVX2)
      #expect(text == expected)
      #expect(decode(text, withAVX2) == bytes)
    }
  }

  /// Every byte in every place of a line: only the alphabet's decode, and what they stand for.
  @Test(arguments: variants)
  func nothingElseIsDecoded(_ withAVX2: Bool) {
    var random = Pseudorandom(seed: 9)
    let bytes = random.bytes(3 * 48)
    let text = encode(bytes, withAVX2)
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for place in 0..<65 {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[65 + place] = byte
        let decoded = decode(changed, withAVX2)
        let isRight = place < 64 ? alphabet.contains(byte) : byte == UInt8(ascii: "\n")
        if isRight {
          let line = Base64.decode(changed.span.extracting(65..<129))
          #expect(decoded == bytes[..<48] + (line ?? []) + bytes[96...])
        } else {
          #expect(decoded == Array(bytes[..<48]), "\(byte) in column \(place)")
        }
      }
    }
  }
}
