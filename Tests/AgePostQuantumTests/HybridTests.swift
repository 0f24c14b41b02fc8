import Age
import AgePostQuantum
import SecretMemory
import TestSupport
import Testing

@Suite struct HybridTests {
  private func identity(_ text: String) throws -> HybridIdentity {
    try HybridIdentity(Array(text.utf8).span)
  }

  /// The identity that the specification prints, and the ends of its recipient.
  @Test func textFormsAreTheSpecifications() throws {
    let text = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
    let identity = try identity(text)
    #expect(try identity.encoded().revealed == Array(text.utf8))
    let recipient = identity.recipient.description
    #expect(recipient.count == 1959)
    #expect(recipient.hasPrefix("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pz"))
    #expect(recipient.hasSuffix("3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k"))
    #expect(try HybridRecipient(recipient) == identity.recipient)
    #expect(try HybridRecipient(recipient.uppercased()) == identity.recipient)
    #expect(try self.identity(text.lowercased()).recipient == identity.recipient)
  }

  @Test func madeOnesRoundTripAsText() throws {
    let made = try HybridIdentity()
    let text = String(decoding: try made.encoded().revealed, as: UTF8.self)
    #expect(try identity(text).recipient == made.recipient)
    #expect(try HybridIdentity().recipient != made.recipient)
    #expect(!made.name.contains(text.dropFirst(20)))
    #expect(made.name.count < 80)
  }

  @Test func malformedTextIsRefusedAndNotRepeated() throws {
    let text = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
    for damaged in [
      "", String(text.dropLast()), text + "Q", text.replacing("-PQ", with: ""),
      "a" + text.dropFirst(),
      text.replacing("XX76", with: "XX67"),
    ] {
      let error = #expect(throws: AgeError(.identity, "")) { _ = try identity(damaged) }
      #expect(error?.reason.contains("XX") == false)
    }
    let recipient = try HybridIdentity().recipient.description
    for damaged in ["", String(recipient.dropLast()), recipient + "q", "age1" + recipient] {
      #expect(code { _ = try HybridRecipient(damaged) } == .recipient)
    }
  }

  /// Keys of the right size that cannot be used: ML-KEM's not reduced, X25519's of low order.
  @Test func badKeysAreRefused() throws {
    var bytes = try Bech32.decode(
      Array(HybridIdentity().recipient.description.utf8).span, prefix: "age1pq", count: 1216
    ).revealed
    bytes.replaceSubrange(1184..., with: [UInt8](repeating: 0, count: 32))
    let lowOrder = try HybridRecipient(Bech32.encode(bytes.span, prefix: "age1pq"))
    let error = #expect(throws: AgeError(.recipient, "")) { _ = try encrypted([1], [lowOrder]) }
    #expect(error.map { $0.reason.count < 200 } == true)
    bytes[0] = 0xff
    bytes[1] |= 0x0f
    #expect(
      code { _ = try HybridRecipient(Bech32.encode(bytes.span, prefix: "age1pq")) } == .recipient)
  }

  /// Two keys and many files at once, of which some are somebody else's.
  @Test func manyFilesAtOnce() throws {
    let identities = try [HybridIdentity(), HybridIdentity()]
    let stranger = try HybridIdentity()
    let files = try (0..<60).map { index in
      let recipients = [identities[0].recipient, identities[1].recipient, stranger.recipient]
      return try encrypted([UInt8(index)], [recipients[index % 3]])
    }
    let opened = try files.map { try EncryptedFile(reading: BytesSource($0)) }
    let keys = fileKeys(of: opened.map(\.header), identities: identities)
    for (index, key) in keys.enumerated() {
      switch key {
      case .success(let fileKey):
        #expect(try opened[index].decrypted(with: fileKey).revealed == [UInt8(index)])
      case .failure(let error):
        #expect(index % 3 == 2 && error.code == .noMatch)
        #expect(error.reason.contains("mlkem768x25519") && error.reason.count < 300)
      }
    }
  }

  @Test func anIdentityIsAskedOnlyAboutItsType() throws {
    let file = try encrypted([1], [X25519Identity().recipient])
    #expect(code { _ = try decrypt(file, identities: [HybridIdentity()]) } == .noMatch)
  }

  /// What is not post-quantum would leave the file open.
  @Test func mixturesAreRefused() throws {
    let hybrid = try HybridIdentity().recipient
    let tagged = try TaggedHybridRecipient(Tagged.tagpq.key().recipient)
    let classic: [any Recipient] = [
      try X25519Identity().recipient, try TaggedRecipient(Tagged.tag.key().recipient),
    ]
    _ = try encrypted([1], [hybrid, tagged, hybrid])
    for other in classic {
      for recipients in [[hybrid, other], [other, tagged], [hybrid, tagged, other]] {
        let error = #expect(throws: AgeError(.recipient, "")) {
          _ = try encrypted([1], recipients)
        }
        #expect(
          error?.reason.hasPrefix(
            "incompatible recipients: can't mix post-quantum and classic recipients, or ") == true)
        #expect(error?.hint != nil)
      }
    }
  }
}
