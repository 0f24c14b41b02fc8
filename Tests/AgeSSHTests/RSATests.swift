import Age
import AgeSSH
import Foundation
import SecretMemory
import TestSupport
import Testing

@Suite struct RSATests {
  private let identity: SSHRSAIdentity
  private let pem: Vector

  init() throws {
    pem = try #require(SSHVectorTests.all.first { $0.name == "key_rsa_pem" })
    identity = try SSHRSAIdentity(pem.privateKey.span)
  }

  @Test func stanzasAreChecked() throws {
    let fileKey = try FileKey()
    let stanza = try #require(try identity.recipient.wrap(fileKey).stanzas.first)
    #expect(stanza.type == "ssh-rsa")
    #expect(stanza.arguments.count == 1)
    #expect(stanza.body.count == 256)
    func unwrap(
      _ arguments: [String], _ body: [UInt8] = stanza.body, _ type: String = "ssh-rsa"
    ) throws -> FileKey? {
      try identity.unwrap([Stanza(type: type, arguments: arguments, body: body)])
    }
    let unwrapped = try #require(try unwrap(stanza.arguments))
    fileKey.withSpan { expected in
      unwrapped.withSpan { unwrapped in
        #expect(expected.indices.allSatisfy { expected[$0] == unwrapped[$0] })
      }
    }
    let others = [
      try unwrap(["AAAAAA"]), try unwrap(["AAAAAA"], []),
      try unwrap(stanza.arguments, stanza.body, "ssh-ed25519"),
    ]
    #expect(others.allSatisfy { $0 == nil })
    for arguments in [[], stanza.arguments + ["a"], ["AAAA"], [stanza.arguments[0] + "="]] {
      #expect(code { _ = try unwrap(arguments) } == .header)
    }
    var flipped = stanza.body
    flipped[100] ^= 1
    for body in [
      [], [0], flipped, stanza.body + [0], [0] + stanza.body, Array(stanza.body.dropLast()),
      [UInt8](repeating: 0, count: 256), [UInt8](repeating: 0xff, count: 256),
    ] {
      #expect(code { _ = try unwrap(stanza.arguments, body) } == .header)
    }
  }

  @Test func aFileKeyOfAnotherSizeIsRefused() throws {
    let vector = try #require(SSHVectorTests.all.first { $0.name == "bad_rsa_file_key" })
    let identity = try vector.identity()
    do {
      _ = try decrypt(vector.file, identities: [identity])
      Issue.record("it was decrypted")
    } catch {
      #expect(error.code == .header)
      #expect(error.reason.contains("17 bytes"))
    }
  }

  @Test func manyFilesAtOnce() throws {
    let fileKeys = try (0..<20).map { _ in try FileKey() }
    let wrappings = try identity.recipient.wrap(fileKeys)
    #expect(Set(wrappings.map(\.stanzas[0].body)).count == 20)
    let answers = identity.unwrap(wrappings.map(\.stanzas))
    for (fileKey, answer) in zip(fileKeys, answers) {
      guard case .fileKey(let unwrapped) = answer else {
        Issue.record("\(answer)")
        continue
      }
      #expect(
        fileKey.withSpan { one in
          unwrapped.withSpan { other in one.indices.allSatisfy { one[$0] == other[$0] } }
        })
    }
  }

  /// Lines of public keys with numbers of any size: type, exponent and modulus in the wire format.
  private func line(_ exponent: [UInt8], _ modulus: [UInt8]) -> String {
    var blob: [UInt8] = []
    for string in [Array("ssh-rsa".utf8), exponent, modulus] {
      blob += [0, 0, UInt8(string.count >> 8), UInt8(string.count & 0xff)] + string
    }
    return "ssh-rsa \(Data(blob).base64EncodedString())"
  }

  /// An odd number of some bits, with a sign byte if it needs one.
  private func number(bits: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0x55, count: (bits + 7) / 8)
    bytes[0] = 1 << ((bits - 1) % 8)
    return bytes[0] < 0x80 ? bytes : [0] + bytes
  }

  @Test func sizesOfPublicKeys() throws {
    for bits in [2048, 2049, 2050, 3072, 16383, 16384] {
      #expect(keyCode { _ = try SSHRSARecipient(line([3], number(bits: bits))) } == nil)
    }
    for bits in [1, 1024, 2047, 16385, 20000] {
      do {
        _ = try SSHRSARecipient(line([3], number(bits: bits)))
        Issue.record("\(bits) bits were accepted")
      } catch {
        #expect(error.code == .notSupported)
        #expect(error.reason == "the RSA key has \(bits) bits and not from 2048 to 16384")
      }
    }
  }

  @Test func numbersOfPublicKeys() throws {
    let modulus = number(bits: 2048)
    let good: [[UInt8]] = [
      [3], [17], [1, 0, 1], [0x7f, 0xff, 0xff, 0xff], [0, 0xff, 0xff, 0xff, 0xff],
    ]
    for exponent in good {
      #expect(keyCode { _ = try SSHRSARecipient(line(exponent, modulus)) } == nil)
    }
    let bad: [[UInt8]] = [
      [], [0], [1], [2], [4], [0x83], [0, 3], [1, 0, 0], [1, 0, 0, 0, 1], [0, 0xff, 0, 0, 0],
    ]
    for exponent in bad {
      #expect(keyCode { _ = try SSHRSARecipient(line(exponent, modulus)) } == .malformed)
    }
    var even = modulus
    even[256] = 0
    for modulus in [Array(modulus.dropFirst()), [0] + modulus, even, [0], []] {
      #expect(keyCode { _ = try SSHRSARecipient(line([1, 0, 1], modulus)) } != nil)
    }
    let recipient = try SSHRSARecipient(line([1, 0, 1], modulus))
    #expect("\(recipient)" == line([1, 0, 1], modulus))
    #expect(keyCode { _ = try SSHRSARecipient(PublicKeyLineTests.plain) } == .notSupported)
  }

  /// One bit flipped, in keys of both forms: an error, never a crash, and never a key that is another's.
  @Test(arguments: ["key_rsa_pem", "key_rsa", "key_rsa_pkcs8"])
  func flippedBitsAreNoticed(_ name: String) throws {
    let vector = try #require(SSHVectorTests.all.first { $0.name == name })
    let lines = String(decoding: vector.privateKey, as: UTF8.self).split(separator: "\n")
    let data = try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined()))
    // A comment may be any text, and as long as the padding lets it.
    let text = data.range(of: Data("a throw-away key".utf8)) ?? 4..<4
    let comment = (text.lowerBound - 4)..<text.upperBound
    var random = Pseudorandom(seed: 1)
    for index in data.indices where !comment.contains(index) {
      var damaged = data
      damaged[index] ^= 1 << UInt8(random.next() % 8)
      let text = Array("\(lines[0])\n\(damaged.base64EncodedString())\n\(lines.last!)".utf8)
      #expect(keyCode { _ = try SSHRSAIdentity(text.span) } != nil, "byte \(index)")
      let short = data.prefix(index).base64EncodedString()
      let cut = Array("\(lines[0])\n\(short)\n\(lines.last!)".utf8)
      #expect(keyCode { _ = try SSHRSAIdentity(cut.span) } == .malformed, "\(index) bytes")
    }
  }
}
