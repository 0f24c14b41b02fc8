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
}
