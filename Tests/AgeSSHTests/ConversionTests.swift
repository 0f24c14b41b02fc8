import Age
import AgeSSH
import Foundation
import SecretMemory
import TestSupport
import Testing

/// The age keys that SSH keys stand for.
@Suite struct ConversionTests {
  private let vector: Vector

  init() throws {
    vector = try #require(SSHVectorTests.all.first { $0.name == "age_text" })
  }

  /// Both halves separately give one key pair, and age agrees.
  @Test func anEd25519KeyIsAKeyPair() async throws {
    let identity = try sshIdentity(vector.privateKey.span, path: "key").x25519Identity()
    let recipient = try SSHEd25519Recipient(try #require(vector["ssh recipient"])).x25519Recipient
    #expect(recipient == identity.recipient)
    let text = try identity.encoded().withSpan { span in
      String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    let directory = try TemporaryDirectory()
    let path = try directory.write("identity", text + "\n")
    let printed = try await runChecked("age-keygen", ["-y", path])
    #expect(String(decoding: printed, as: UTF8.self) == "\(recipient)\n")
    let file = try await runChecked("age", ["-r", "\(recipient)"], input: [1, 2])
    #expect(try decrypt(file, identities: [identity]) == SecretBytes(copying: [1, 2]))
  }

  /// The definition: the first half of the seed's SHA-512, not clamped.
  @Test func theSecretIsTheHashOfTheSeed() async throws {
    // The seed lies before the public key for the last time.
    let lines = String(decoding: vector.privateKey, as: UTF8.self).split(separator: "\n")
    let data = try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined()))
    let line = try #require(vector["ssh recipient"]).split(separator: " ")[1]
    let publicKey = try #require(Data(base64Encoded: String(line))).suffix(32)
    let end = try #require(data.range(of: publicKey, options: .backwards)).lowerBound
    let seed = Array(data[(end - 32)..<end])
    let hash = try await runChecked("openssl", ["dgst", "-sha512", "-binary"], input: seed)
    let identity = try sshIdentity(vector.privateKey.span, path: "key").x25519Identity()
    let expected = try Bech32.encodeSecret(
      hash.span.extracting(..<32), prefix: X25519Identity.prefix)
    #expect(try identity.encoded() == expected)
  }

  @Test func otherKeysStandForNone() throws {
    let vector = try #require(SSHVectorTests.all.first { $0.name == "key_rsa" })
    let identity = try sshIdentity(vector.privateKey.span, path: "key")
    #expect(code { _ = try identity.x25519Identity() } == .identity)
  }

  @Test func ofAProtectedKeyThePasswordIsAskedFor() throws {
    let vector = try #require(SSHVectorTests.all.first { $0.name == "key_ed25519_aes256-ctr" })
    let person = Person("password")
    let identity = try sshIdentity(vector.privateKey.span, path: "key", prompter: person)
    let recipient = try SSHEd25519Recipient(try #require(vector["ssh recipient"]))
    #expect(try identity.x25519Identity().recipient == recipient.x25519Recipient)
    #expect(person.asked == ["passphrase for key"])
    let wrong = try sshIdentity(vector.privateKey.span, path: "key", prompter: Person("wrong"))
    #expect(code { _ = try wrong.x25519Identity() } == .wrongPassword)
  }
}
