import Age
import SecretMemory
import TestSupport
import Testing

/// A recipient that makes the stanzas it is told to.
private struct Puppet: Recipient {
  var stanzas: [Stanza]
  var labels: Set<String> = []

  func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping { Wrapping(stanzas, labels: labels) }
}

@Suite struct HeaderTests {
  private static let mac = String(repeating: "A", count: 43)

  private func parse(_ text: String) throws -> Header {
    try EncryptedFile(reading: BytesSource(Array(text.utf8))).header
  }

  @Test func partsAreRead() throws {
    let header = try parse(
      "age-encryption.org/v1\n-> a b c\n\n-> d\nAQID\n--- \(Self.mac)\npayload")
    #expect(
      header.stanzas == [
        Stanza(type: "a", arguments: ["b", "c"], body: []),
        Stanza(type: "d", arguments: [], body: [1, 2, 3]),
      ])
    #expect(header.mac == [UInt8](repeating: 0, count: 32))
    #expect(header.encoded.count == 21 + 1 + 10 + 10 + 48)
  }

  @Test(arguments: [
    "", "a", "age-encryption.org/", "age-encryption.org/v1", "age-encryption.org/v1\n",
    "age-encryption.org/v1 \n-> a\n\n--- \(mac)\n", "age-encryption.org/v1\r\n-> a\n\n--- \(mac)\n",
    "age-encryption.org/v1\n--- \(mac)\n", "age-encryption.org/v1\n\n-> a\n\n--- \(mac)\n",
    "age-encryption.org/v1\n->\n\n--- \(mac)\n", "age-encryption.org/v1\n-> \n\n--- \(mac)\n",
    "age-encryption.org/v1\n->a\n\n--- \(mac)\n", "age-encryption.org/v1\n-> a  b\n\n--- \(mac)\n",
    "age-encryption.org/v1\n-> a \n\n--- \(mac)\n",
    "age-encryption.org/v1\n-> \u{e9}\n\n--- \(mac)\n",
    "age-encryption.org/v1\n-> a\n--- \(mac)\n", "age-encryption.org/v1\n-> a\n\n---\(mac)\n",
    "age-encryption.org/v1\n-> a\n\n--- \(mac)", "age-encryption.org/v1\n-> a\n\n--- \(mac)=\n",
    "age-encryption.org/v1\n-> a\n\n--- \(mac.dropLast())B\n",
    "age-encryption.org/v1\n-> a\n\n---- \(mac)\n",
    "age-encryption.org/v1\n-> a\nAA==\n--- \(mac)\n",
    "age-encryption.org/v1\n-> scrypt a 1\n\n-> b\n\n--- \(mac)\n",
  ])
  func malformedOnesAreRefused(_ text: String) {
    #expect(code { _ = try parse(text) } == .header)
  }

  /// One body makes the header exactly as large as is allowed; one more byte is too much.
  @Test func sizeHasALimit() throws {
    let fixed = "age-encryption.org/v1\n-> a\n--- \n".utf8.count + 43
    let lines = (Header.limit - fixed - 1) / 65
    let rest = Header.limit - fixed - 1 - lines * 65
    let body = [UInt8](repeating: UInt8(ascii: "A"), count: 64) + [UInt8(ascii: "\n")]
    for extra in [0, 1] {
      var text = Array("age-encryption.org/v1\n-> a".utf8)
      // The type takes what the lines do not fill.
      text += [UInt8](repeating: UInt8(ascii: "a"), count: rest + extra)
      text.append(UInt8(ascii: "\n"))
      for _ in 0..<lines { text += body }
      text += Array("\n--- \(Self.mac)\n".utf8)
      #expect(text.count == Header.limit + extra)
      let failure = code { _ = try EncryptedFile(reading: BytesSource(text)) }
      #expect(failure == (extra == 0 ? nil : .header))
    }
  }

  @Test(arguments: [0, 1, 47, 48, 49, 95, 96, 97, 1000])
  func bodiesOfEveryLengthAreWrittenAsTheyAreRead(_ count: Int) throws {
    var random = Pseudorandom(seed: UInt64(count))
    let stanza = Stanza(type: "type", arguments: ["!", "~"], body: random.bytes(count))
    let fileKey = try FileKey()
    let header = try Header(wrapping: fileKey, recipients: [Puppet(stanzas: [stanza, stanza])])
    let again = try EncryptedFile(reading: BytesSource(header.encoded)).header
    #expect(again.stanzas == [stanza, stanza])
    #expect(again.encoded == header.encoded)
    try again.authenticate(with: fileKey)
    #expect(code { try again.authenticate(with: FileKey()) } == .headerMAC)
  }

  @Test func thereMustBeARecipient() {
    #expect(code { _ = try encrypted([], []) } == .recipient)
    #expect(code { _ = try encrypted([], [Puppet(stanzas: [])]) } == .recipient)
  }

  @Test(arguments: [("", []), ("a b", []), ("a", [""]), ("a", ["b\n"]), ("\u{e9}", [])])
  func stanzasMustBeWritable(_ type: String, _ arguments: [String]) {
    let puppet = Puppet(stanzas: [Stanza(type: type, arguments: arguments, body: [])])
    #expect(code { _ = try encrypted([], [puppet]) } == .recipient)
  }

  @Test func labelsMustAgree() throws {
    let stanza = Stanza(type: "a", arguments: [], body: [])
    let plain = Puppet(stanzas: [stanza])
    let labelled = Puppet(stanzas: [stanza], labels: ["quantum"])
    _ = try encrypted([], [plain, plain])
    _ = try encrypted([], [labelled, labelled])
    #expect(code { _ = try encrypted([], [plain, labelled]) } == .recipient)
    #expect(code { _ = try encrypted([], [labelled, plain]) } == .recipient)
  }
}
