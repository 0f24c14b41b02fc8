import Age
import SecretMemory
import Synchronization
import TestSupport
import Testing

/// An identity that answers what it is told to, and remembers what it was asked.
private final class Puppet: Identity {
  let name: String
  let answer: @Sendable (Int) -> Unwrapping
  let asked = Mutex<[Int]>([])

  init(_ name: String, _ answer: @escaping @Sendable (Int) -> Unwrapping) {
    self.name = name
    self.answer = answer
  }

  func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    asked.withLock { $0.append(files.count) }
    return files.indices.map(answer)
  }
}

@Suite struct IdentityTests {
  private func headers(_ recipients: [any Recipient]) throws -> [Header] {
    try recipients.map {
      try EncryptedFile(reading: BytesSource(encrypted([1], [$0]))).header
    }
  }

  /// A hostile header may have any number of types, each as long as the header.
  @Test func anErrorNamesFewTypes() throws {
    let types = (0..<20_000).map { "type\($0)" + String(repeating: "x", count: 200) }
    let text =
      "age-encryption.org/v1\n" + types.map { "-> \($0)\n\n" }.joined() + "--- "
      + String(repeating: "A", count: 43) + "\n"
    let file = try EncryptedFile(reading: BytesSource(Array(text.utf8)))
    let error = #expect(throws: AgeError(.noMatch, "")) {
      _ = try file.header.fileKey(identities: [])
    }
    #expect(
      error.map { $0.reason.utf8.count < 1000 && $0.reason.contains("19992 types more") } == true)
  }

  /// Of many stanzas, which are tried on all processors, the first that is one's own or malformed decides.
  @Test(arguments: [0, 7, 8, 9, 39])
  func theFirstStanzaThatMattersDecides(_ place: Int) throws {
    let identity = try X25519Identity()
    let fileKey = try FileKey()
    let own = try identity.recipient.wrap(fileKey).stanzas
    let malformed = Stanza(type: "X25519", arguments: [], body: own[0].body)
    let other = try X25519Identity().recipient.wrap(fileKey).stanzas
    for _ in 0..<10 {
      var stanzas = [Stanza](repeating: other[0], count: 40)
      #expect(try identity.unwrap(stanzas) == nil)
      stanzas[place] = own[0]
      let found = try identity.unwrap(stanzas)
      #expect(found?.bytes.revealed == fileKey.bytes.revealed)
      for later in (place + 1)..<max(place + 1, 40) { stanzas[later] = malformed }
      #expect(try identity.unwrap(stanzas) != nil)
      stanzas[place] = malformed
      stanzas[39] = own[0]
      if place < 39 { #expect(code { _ = try identity.unwrap(stanzas) } == .header) }
    }
  }

  /// The keys that the specification prints.
  @Test func textFormsAreTheSpecifications() throws {
    let text = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    let identity = try X25519Identity(text: text)
    #expect(identity.recipient.description == recipient)
    #expect(try identity.encoded().revealed == Array(text.utf8))
    #expect(try X25519Identity(text: text.lowercased()).recipient == identity.recipient)
    #expect(try X25519Recipient(recipient.uppercased()) == identity.recipient)
  }

  @Test func madeOnesRoundTripAsText() throws {
    let identity = try X25519Identity()
    let text = String(decoding: try identity.encoded().revealed, as: UTF8.self)
    #expect(try X25519Identity(text: text).recipient == identity.recipient)
    #expect(try X25519Recipient(identity.recipient.description) == identity.recipient)
  }

  @Test func everyChangedCharacterIsNoticed() throws {
    let recipient = try X25519Identity().recipient.description
    for index in recipient.indices {
      for replacement in ["q", "p", "b", "1", "Q", " ", ""]
      where replacement != String(recipient[index]) {
        var damaged = recipient
        damaged.replaceSubrange(index...index, with: replacement)
        #expect(code { _ = try X25519Recipient(damaged) } == .recipient, "\(damaged)")
      }
    }
  }

  /// The last digit of 32 bytes carries four bits that are nobody's; a right checksum does not excuse them.
  @Test func leftOverBitsAreRefused() throws {
    let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
    let prefix: [UInt32] =
      "age".utf8.map { UInt32($0 >> 5) } + [0] + "age".utf8.map { UInt32($0 & 31) }
    func text(_ digits: [UInt32]) -> String {
      var state: UInt32 = 1
      for digit in prefix + digits + [UInt32](repeating: 0, count: 6) {
        let top = state >> 25
        state = (state & 0x1ff_ffff) << 5 ^ digit
        let generators: [UInt32] = [
          0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3,
        ]
        for (bit, generator) in generators.enumerated() where top >> bit & 1 == 1 {
          state ^= generator
        }
      }
      let checksum = (0..<6).map { (state ^ 1) >> (5 * (5 - $0)) & 31 }
      return "age1" + String((digits + checksum).map { alphabet[Int($0)] })
    }
    let digits = [UInt32](repeating: 7, count: 51)
    _ = try X25519Recipient(text(digits + [0b10000]))
    for rest in 1..<16 as Range<UInt32> {
      #expect(code { _ = try X25519Recipient(text(digits + [0b10000 | rest])) } == .recipient)
    }
    #expect(code { _ = try X25519Recipient(text(digits)) } == .recipient)
    #expect(code { _ = try X25519Recipient(text(digits + [0, 0])) } == .recipient)
  }

  @Test(arguments: [
    "", "1", "age1", "age", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1QQQQQQ",
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEx",
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX ",
  ])
  func malformedIdentitiesAreRefusedWithoutRepeatingThem(_ text: String) {
    do {
      _ = try X25519Identity(text: text)
      Issue.record("it was accepted")
    } catch {
      #expect((error as? AgeError)?.code == .identity)
      #expect(text.count < 8 || !"\(error)".contains(text.prefix(20)))
    }
  }

  /// Each identity is asked once, for those files that are still open.
  @Test func filesAreUnwrappedInBatches() throws {
    let own = try (0..<3).map { _ in try X25519Identity() }
    let headers = try headers([
      own[0].recipient, own[1].recipient, own[0].recipient, own[2].recipient,
    ])
    let first = Puppet("first") { _ in .notMine }
    let second = Puppet("second") { _ in .notMine }
    let results = fileKeys(of: headers, identities: [first, own[0], second, own[1]])
    #expect(first.asked.withLock { $0 } == [4])
    #expect(second.asked.withLock { $0 } == [2])
    for index in 0..<3 { try headers[index].authenticate(with: results[index].get()) }
    #expect(code { _ = try results[3].get() } == .noMatch)
  }

  @Test func nobodyIsAskedOnceAllFilesAreOpen() throws {
    let own = try X25519Identity()
    let last = Puppet("last") { _ in .notMine }
    _ = fileKeys(of: try headers([own.recipient]), identities: [own, last])
    #expect(last.asked.withLock { $0 }.isEmpty)
  }

  @Test func aFailureEndsTheSearchForItsFileOnly() throws {
    let own = try X25519Identity()
    let failing = Puppet("failing") {
      $0 == 0 ? .failure(AgeError(.identity, "no")) : .notMine
    }
    let headers = try headers([own.recipient, own.recipient])
    let results = fileKeys(of: headers, identities: [failing, own])
    #expect(code { _ = try results[0].get() } == .identity)
    _ = try results[1].get()
  }

  @Test func aWrongFileKeyIsAWrongMAC() throws {
    let liar = Puppet("liar") { _ in (try? FileKey()).map { .fileKey($0) } ?? .notMine }
    let file = try encrypted([1], [X25519Identity().recipient])
    #expect(code { _ = try decrypt(file, identities: [liar]) } == .headerMAC)
  }

  @Test func noMatchNamesWhatTheFileHasAndWhatWasTried() throws {
    let recipients: [any Recipient] = try (0..<3).map { _ in try X25519Identity().recipient }
    let file = try encrypted([1], recipients)
    let puppet = Puppet("/home/somebody/key (X25519)") { _ in .notMine }
    do {
      _ = try decrypt(file, identities: [puppet])
      Issue.record("it was decrypted")
    } catch {
      #expect(error.code == .noMatch)
      #expect(error.reason.contains("3 X25519"))
      #expect(error.reason.contains(puppet.name))
    }
    #expect(code { _ = try decrypt(file, identities: []) } == .noMatch)
  }

  /// What was decided per file can be done per file: many headers, one batch, payloads in any order.
  @Test func twoSteps() throws {
    let own = try X25519Identity()
    let files = try (0..<50).map {
      try EncryptedFile(reading: BytesSource(encrypted([UInt8($0)], [own.recipient])))
    }
    let keys = fileKeys(of: files.map(\.header), identities: [own])
    for index in files.indices.reversed() {
      #expect(try files[index].decrypted(with: keys[index].get()).revealed == [UInt8(index)])
    }
  }
}

@Suite struct ScryptTests {
  private func password(_ text: String) throws -> SecretBytes {
    try SecretBytes(copying: Array(text.utf8))
  }

  private func recipient(_ workFactor: Int) throws -> ScryptRecipient {
    try ScryptRecipient(password: password("password"), workFactor: workFactor)
  }

  @Test func roundTrip() throws {
    let file = try encrypted([1, 2, 3], [recipient(4)])
    let identity = ScryptIdentity(password: try password("password"))
    #expect(try decrypt(file, identities: [identity]).revealed == [1, 2, 3])
    let wrong = ScryptIdentity(password: try password("Password"))
    #expect(code { _ = try decrypt(file, identities: [wrong]) } == .wrongPassword)
  }

  @Test func theWorkFactorHasALimit() throws {
    let identity = ScryptIdentity(password: try password("password"), limit: 6)
    _ = try decrypt(encrypted([1], [recipient(6)]), identities: [identity])
    let tooHard = try encrypted([1], [recipient(7)])
    #expect(code { _ = try decrypt(tooHard, identities: [identity]) } == .header)
    #expect(ScryptIdentity.defaultLimit == 22)
    #expect(ScryptRecipient.defaultWorkFactor == 18)
    for workFactor in [-1, 0, 23] {
      #expect(code { _ = try recipient(workFactor) } == .recipient)
    }
    _ = try recipient(22)
  }

  @Test func aPasswordIsAlone() throws {
    let other = try X25519Identity().recipient
    #expect(code { _ = try encrypted([], [recipient(4), other]) } == .recipient)
    #expect(code { _ = try encrypted([], [other, recipient(4)]) } == .recipient)
    #expect(code { _ = try encrypted([], [recipient(4), recipient(4)]) } == .recipient)
    #expect(code { _ = try ScryptRecipient(password: password("")) } == .recipient)
  }
}
