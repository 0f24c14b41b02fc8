import Age
import AgeSSH
import Foundation
import SecretMemory
import TestSupport
import Testing

@Suite struct PrivateKeyTests {
  private static let begin = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
  private static let end = "-----END OPENSSH PRIVATE KEY-----\n"

  private func make(_ arguments: [String] = ["-t", "ed25519", "-N", "", "-C", "comment"])
    async throws
    -> [UInt8]
  {
    let directory = try TemporaryDirectory()
    try await runChecked("ssh-keygen", ["-q", "-f", directory.path("key")] + arguments)
    return try directory.read("key")
  }

  /// The binary form that the text stands for.
  private func binary(_ text: [UInt8]) throws -> [UInt8] {
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    return [UInt8](try #require(data))
  }

  private func text(_ binary: [UInt8]) -> [UInt8] {
    Array((Self.begin + Data(binary).base64EncodedString() + "\n" + Self.end).utf8)
  }

  private func failure(_ text: [UInt8]) -> SSHKeyError.Code? {
    keyCode { _ = try identity(text) }
  }

  /// A comment of every length needs every length of padding.
  @Test(arguments: 0..<9)
  func everyPadding(_ count: Int) async throws {
    let comment = String(repeating: "c", count: count)
    let key = try await make(["-t", "ed25519", "-N", "", "-C", comment])
    let identity = try AgeSSHTests.identity(key)
    let file = try encrypt(SecretBytes(copying: [1]), recipients: [identity.recipient])
    #expect(try decrypt(file, identities: [identity]) == SecretBytes(copying: [1]))
  }

  @Test func formsOfTheText() async throws {
    let key = try await make()
    let bytes = try binary(key)
    let string = String(decoding: key, as: UTF8.self)
    #expect(failure(text(bytes)) == nil)
    #expect(failure(Array(string.replacingOccurrences(of: "\n", with: "\r\n").utf8)) == nil)
    #expect(failure(Array(string.dropLast().utf8)) == nil)
    #expect(failure(Array("\n  \(string)\n\n".utf8)) == nil)
    for damaged in [
      "", "a", "-----BEGIN ", Self.begin, Self.begin + Self.end, "a" + string, string + "a",
      string + string, String(string.dropLast(5)), string.replacingOccurrences(of: "=", with: ""),
      string.replacingOccurrences(of: "OPENSSH PRIVATE", with: "OPENSSH PUBLIC"),
    ] {
      #expect(failure(Array(damaged.utf8)) == .malformed, "\(damaged.count) characters")
    }
  }

  /// A flipped bit anywhere but in the comment is noticed.
  @Test func everyFlippedBitIsNoticed() async throws {
    let bytes = try binary(try await make())
    let comment = try #require(Data(bytes).range(of: Data("comment".utf8)))
    for index in bytes.indices where !comment.contains(index) {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        #expect(failure(text(damaged)) != nil, "bit \(bit) of byte \(index)")
      }
    }
  }

  @Test func everyTruncationAndExtensionIsNoticed() async throws {
    let bytes = try binary(try await make())
    for count in bytes.indices {
      #expect(failure(text(Array(bytes[..<count]))) == .malformed, "\(count) bytes")
    }
    #expect(failure(text(bytes + [0])) == .malformed)
  }

  @Test func theSizeHasALimit() async throws {
    let key = try await make()
    let limit = 16 << 10
    let blanks = { [UInt8](repeating: UInt8(ascii: "\n"), count: $0) }
    #expect(failure(key + blanks(limit - key.count)) == nil)
    #expect(failure(key + blanks(limit - key.count + 1)) == .malformed)
  }

  @Test(arguments: [
    (["-t", "ed25519", "-N", "password", "-a", "1"], SSHKeyError.Code.passwordProtected),
    (["-t", "ecdsa", "-N", ""], .notSupported),
    (["-t", "ecdsa", "-N", "password", "-a", "1"], .notSupported),
    (["-t", "ecdsa", "-m", "PEM", "-N", ""], .notSupported),
    (["-t", "ecdsa", "-m", "PKCS8", "-N", ""], .notSupported),
    (["-t", "ecdsa", "-m", "PKCS8", "-N", "password"], .passwordProtected),
    (["-t", "dsa", "-N", ""], .notSupported),
    (["-t", "dsa", "-m", "PEM", "-N", ""], .notSupported),
    (["-t", "rsa", "-b", "1024", "-N", ""], .notSupported),
    (["-t", "rsa", "-b", "1024", "-m", "PEM", "-N", ""], .notSupported),
  ])
  func otherKeysAreNamed(_ arguments: [String], _ expected: SSHKeyError.Code) async throws {
    #expect(failure(try await make(arguments)) == expected)
  }

  @Test func stanzasAreChecked() async throws {
    let identity = try AgeSSHTests.identity(try await make())
    let stanza = try #require(try identity.recipient.wrap(FileKey()).stanzas.first)
    let tag = stanza.arguments[0]
    let zeroes = String(repeating: "A", count: 43)
    func unwrap(_ arguments: [String], _ body: [UInt8] = stanza.body) throws -> FileKey? {
      try identity.unwrap([Stanza(type: stanza.type, arguments: arguments, body: body)])
    }
    let good = try unwrap(stanza.arguments)
    #expect(good != nil)
    let others = [
      try unwrap(["AAAAAA", stanza.arguments[1]]),
      try identity.unwrap([Stanza(type: "ssh-rsa", arguments: stanza.arguments, body: stanza.body)]
      ),
    ]
    #expect(others.allSatisfy { $0 == nil })
    for arguments in [
      [], [tag], stanza.arguments + ["a"], [tag, zeroes], [tag, String(zeroes.dropLast())],
      [tag, stanza.arguments[1] + "="], ["AAAA", stanza.arguments[1]],
    ] {
      #expect(code { _ = try unwrap(arguments) } == .header)
    }
    #expect(code { _ = try unwrap(stanza.arguments, stanza.body + [0]) } == .header)
    #expect(code { _ = try unwrap(stanza.arguments, []) } == .header)
    // A stanza of ours that does not open is damaged, not somebody else's.
    #expect(code { _ = try unwrap(stanza.arguments, stanza.body.reversed()) } == .header)
  }
}
