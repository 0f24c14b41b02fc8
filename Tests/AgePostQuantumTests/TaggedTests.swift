import Age
import AgePostQuantum
import Crypto
import Foundation
import SecretMemory
import TestSupport
import Testing

/// Both tagged recipients, with a key in software for each.
enum Tagged: String, CaseIterable, Sendable {
  case tag, tagpq

  /// Makes a key, and gives its recipient's text.
  func key() throws -> (key: any SoftwareKey, recipient: String) {
    switch self {
    case .tag:
      let key = SoftwareTagged(key: P256.KeyAgreement.PrivateKey())
      return (key, key.recipient)
    case .tagpq:
      let key = SoftwareTaggedHybrid(
        lattice: try MLKEM768.PrivateKey(), curve: P256.KeyAgreement.PrivateKey())
      return (key, key.recipient)
    }
  }

  func recipient(_ text: String) throws -> any Recipient {
    switch self {
    case .tag: try TaggedRecipient(text)
    case .tagpq: try TaggedHybridRecipient(text)
    }
  }
}

@Suite struct TaggedTests {
  @Test(arguments: Tagged.allCases)
  func aKeyInSoftwareReadsOurs(_ type: Tagged) throws {
    let (key, text) = try type.key()
    let recipient = try type.recipient(text)
    #expect("\(recipient)" == text)
    let file = try encrypted([1, 2, 3], [recipient])
    #expect(try decrypt(file, identities: [key]).revealed == [1, 2, 3])
    #expect(code { _ = try decrypt(file, identities: [try type.key().key]) } == .noMatch)
  }

  /// Who has the public key can tell its stanzas from others'; of what is malformed nothing is.
  @Test(arguments: Tagged.allCases)
  func aTagTellsWhomAStanzaIsFor(_ type: Tagged) throws {
    let recipients = try (0..<2).map { _ in try type.recipient(type.key().recipient) }
    let tagging = try recipients.map { try #require($0 as? any TaggingRecipient) }
    let stanza = try #require(try recipients[0].wrap(FileKey()).stanzas.first)
    #expect(try tagging[0].isFor(stanza))
    #expect(try !tagging[1].isFor(stanza))
    for arguments in [[], Array(stanza.arguments.prefix(1)), ["=", stanza.arguments[1]]] {
      let malformed = Stanza(type: stanza.type, arguments: arguments, body: stanza.body)
      #expect(try !tagging[0].isFor(malformed))
    }
    let other = Stanza(type: "X25519", arguments: stanza.arguments, body: stanza.body)
    #expect(try !tagging[0].isFor(other))
  }

  /// The shape is what pyrage writes, and the same key reads it.
  @Test(arguments: Tagged.allCases)
  func aKeyInSoftwareReadsPyrages(_ type: Tagged) async throws {
    let (key, text) = try type.key()
    let script = """
      import sys, pyrage
      kind, recipient = sys.argv[1:]
      recipient = getattr(pyrage, kind).Recipient.from_str(recipient)
      sys.stdout.buffer.write(pyrage.encrypt(sys.stdin.buffer.read(), [recipient]))
      """
    let theirs = try await runChecked(
      python, ["-c", script, type.rawValue, text], input: [1, 2, 3])
    #expect(try decrypt(theirs, identities: [key]).revealed == [1, 2, 3])
    let ours = try encrypted([1, 2, 3], [type.recipient(text)])
    let stanzas = try [theirs, ours].map { file in
      try #require(EncryptedFile(reading: BytesSource(file)).header.stanzas.first)
    }
    #expect(stanzas[0].type == stanzas[1].type)
    #expect(stanzas[0].arguments.map(\.count) == stanzas[1].arguments.map(\.count))
    #expect(stanzas[0].body.count == stanzas[1].body.count)
  }

  /// The recipients that the specification prints.
  @Test func textFormsAreTheSpecifications() throws {
    let text = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e"
    #expect(try TaggedRecipient(text).description == text)
    #expect(try TaggedRecipient(text.uppercased()).description == text)
  }

  /// The key in software agrees with what the draft publishes, so that it may judge what we write.
  @Test func theMechanismIsTheDrafts() throws {
    let vector = try Vector(
      packageRoot.appendingPathComponent("Vectors/kem/mlkem768-p256"))
    let key = SoftwareTaggedHybrid(
      lattice: try MLKEM768.PrivateKey(
        seedRepresentation: vector.hexadecimal("dk_PQ"), publicKey: nil),
      curve: try P256.KeyAgreement.PrivateKey(rawRepresentation: vector.hexadecimal("dk_T")))
    #expect(key.bytes == vector.hexadecimal("ek"))
    let share = vector.hexadecimal("ct")
    #expect(share.count == 1153)
    #expect(try key.sharedSecret(with: share) == vector.hexadecimal("ss"))
  }

  @Test func vectors() throws {
    let vectors = try Vector.all(in: packageRoot.appendingPathComponent("Vectors/post-quantum"))
      .filter { $0["scalar"] != nil }
    #expect(vectors.count == 4)
    for vector in vectors {
      let curve = try P256.KeyAgreement.PrivateKey(
        rawRepresentation: vector.hexadecimal("scalar"))
      let key: any SoftwareKey
      let recipient: any Recipient
      if vector["seed"] == nil {
        key = SoftwareTagged(key: curve)
        recipient = try TaggedRecipient(vector["recipient"] ?? "")
      } else {
        key = SoftwareTaggedHybrid(
          lattice: try MLKEM768.PrivateKey(
            seedRepresentation: vector.hexadecimal("seed"), publicKey: nil),
          curve: curve)
        recipient = try TaggedHybridRecipient(vector["recipient"] ?? "")
      }
      let clear = try decrypt(vector.file, identities: [key]).revealed
      #expect(sha256(clear) == vector["payload"])
      let again = try encrypted(clear, [recipient])
      #expect(try decrypt(again, identities: [key]).revealed == clear)
    }
  }

  @Test func labels() throws {
    let fileKey = try FileKey()
    let plain = try Tagged.tag.recipient(Tagged.tag.key().recipient).wrap(fileKey)
    let hybrid = try Tagged.tagpq.recipient(Tagged.tagpq.key().recipient).wrap(fileKey)
    #expect(plain.labels.isEmpty)
    #expect(hybrid.labels == ["postquantum"])
  }

  @Test(arguments: Tagged.allCases)
  func malformed(_ type: Tagged) throws {
    let text = try type.key().recipient
    let size = type == .tag ? 33 : 1249
    let prefix = type == .tag ? "age1tag" : "age1tagpq"
    var good = try Bech32.decode(Array(text.utf8).span, prefix: prefix, count: size).revealed
    func refused(_ bytes: [UInt8]) -> Bool {
      code { _ = try type.recipient(Bech32.encode(bytes.span, prefix: prefix)) } == .recipient
    }
    #expect(!refused(good))
    #expect(refused(good + [0]))
    #expect(refused(good.dropLast()))
    #expect(refused([]))
    #expect(code { _ = try type.recipient(String(text.dropLast())) } == .recipient)
    // The point: the other encodings that SEC 1 has, and none.
    let point = type == .tag ? 0 : 1184
    for first: UInt8 in [0, 1, 5, 6, 7] + (type == .tag ? [4] : [2, 3]) {
      good[point] = first
      #expect(refused(good), "\(first)")
    }
    good.replaceSubrange(point..., with: [UInt8](repeating: 0xff, count: size - point))
    #expect(refused(good))
  }

  /// A coefficient of ML-KEM's key that is not reduced would be another text for the same key.
  @Test func latticeKeysAreReduced() throws {
    var bytes = try Bech32.decode(
      Array(Tagged.tagpq.key().recipient.utf8).span, prefix: "age1tagpq", count: 1249
    ).revealed
    bytes[0] = 0xff
    bytes[1] |= 0x0f
    let text = Bech32.encode(bytes.span, prefix: "age1tagpq")
    #expect(code { _ = try TaggedHybridRecipient(text) } == .recipient)
  }
}
