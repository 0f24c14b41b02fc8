import Age
import AgeSSH
import Foundation
import SecretMemory
import TestSupport
import Testing

/// When the password of a key is asked for, and what becomes of other answers.
@Suite struct ProtectedIdentityTests {
  private let vector: Vector
  private let line: String
  private let recipient: any Recipient

  init() throws {
    vector = try #require(SSHVectorTests.all.first { $0.name == "key_ed25519_aes256-ctr" })
    line = try #require(vector["ssh recipient"])
    recipient = try sshRecipient(line)
  }

  private func identity(
    _ prompter: any Prompter, publicKey: String? = nil
  ) throws -> any SSHIdentity {
    try sshIdentity(
      vector.privateKey.span, path: "the/key", publicKey: publicKey, prompter: prompter)
  }

  private func stanzas(_ recipients: [any Recipient]) throws -> [Stanza] {
    let fileKey = try FileKey()
    return try recipients.flatMap { try $0.wrap(fileKey).stanzas }
  }

  @Test func onceForAllFilesAndCalls() throws {
    let person = Person("password")
    let identity = try identity(person)
    #expect(identity.asksSomebody)
    #expect(identity.name == "the/key")
    #expect(identity.keyType == "ssh-ed25519")
    #expect(try identity.recipients().map { "\($0)" } == ["\(recipient)"])
    #expect(person.asked == [])
    let files = try (0..<40).map { _ in try stanzas([X25519Identity().recipient, recipient]) }
    for _ in 0..<3 {
      let answers = identity.unwrap(files)
      #expect(answers.count == 40)
      for answer in answers {
        guard case .fileKey = answer else {
          Issue.record("\(answer)")
          continue
        }
      }
    }
    #expect(person.asked == ["passphrase for the/key"])
    #expect(!identity.asksSomebody)
  }

  @Test func fromManyThreadsAtOnce() async throws {
    let person = Person("password")
    let identity = try identity(person)
    let files = [try stanzas([recipient])]
    let count = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          if case .fileKey = identity.unwrap(files)[0] { true } else { false }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(count == 8)
    #expect(person.asked.count == 1)
  }

  @Test func neverForFilesOfOthers() throws {
    let person = Person("password")
    let identity = try identity(person)
    let stranger = try #require(SSHVectorTests.all.first { $0.name == "bad_no_match" })
    let others = try stanzas([
      X25519Identity().recipient, sshRecipient(try #require(stranger["ssh recipient"])),
    ])
    let malformed = Stanza(type: "ssh-ed25519", arguments: ["AAAAAA"], body: [])
    let answers = identity.unwrap([others, [], [malformed]])
    #expect(answers.count == 3)
    for answer in answers.prefix(2) {
      guard case .notMine = answer else {
        Issue.record("\(answer)")
        continue
      }
    }
    guard case .failure(let error) = answers[2] else {
      Issue.record("\(answers[2])")
      return
    }
    #expect(error.code == .header)
    #expect(person.asked == [])
  }

  /// Another identity may still open the file; if none does, the reason is what this one said.
  @Test(arguments: ["wrong", ""])
  func aWrongPasswordIsSaidAndNotAskedForAgain(_ password: String) throws {
    let person = Person(password)
    let identity = try identity(person)
    let other = try X25519Identity()
    let file = try encrypt(SecretBytes(copying: [1]), recipients: [recipient])
    let both = try encrypt(SecretBytes(copying: [1]), recipients: [recipient, other.recipient])
    for _ in 0..<2 {
      do {
        _ = try decrypt(file, identities: [identity, other])
        Issue.record("it was decrypted")
      } catch {
        #expect(error.code == .wrongPassword)
        #expect(error.reason == "unlock the/key: the password is wrong")
      }
      guard case .refused = identity.unwrap([try stanzas([recipient])])[0] else {
        Issue.record("it was not refused")
        return
      }
    }
    #expect(person.asked.count == 1)
    #expect(identity.asksSomebody)
    #expect(try decrypt(both, identities: [identity, other]) == SecretBytes(copying: [1]))
  }

  @Test func withNobodyToAskTheKeyIsNamed() throws {
    let file = try encrypt(SecretBytes(copying: [1]), recipients: [recipient])
    do {
      _ = try decrypt(file, identities: [identity(NobodyToAsk())])
      Issue.record("it was decrypted")
    } catch let error as AgeError {
      #expect(error.code == .nobodyToAsk)
      #expect(error.reason.contains("the/key"))
    }
  }

  /// Wrong passwords in each way of protection, those that only the clear text's nonsense shows among them.
  @Test(arguments: SSHVectorTests.files.filter { $0["ssh passphrase"] != nil })
  func wrongPasswordsOfEveryForm(_ vector: Vector) throws {
    let line = try #require(vector["ssh recipient"])
    for password in ["", "Password"] {
      let identity = try sshIdentity(
        vector.privateKey.span, path: "key", publicKey: line, prompter: Person(password))
      #expect(code { _ = try decrypt(vector.file, identities: [identity]) } == .wrongPassword)
    }
  }

  @Test func thePublicKeyBesideMustBelongToIt() throws {
    let vector = try #require(SSHVectorTests.all.first { $0.name == "key_rsa_pem_protected" })
    let stranger = try #require(SSHVectorTests.all.first { $0.name == "key_rsa" })
    let line = try #require(stranger["ssh recipient"])
    let person = Person("password")
    let identity = try sshIdentity(
      vector.privateKey.span, path: "key", publicKey: line, prompter: person)
    let file = try encrypt(SecretBytes(copying: [1]), recipients: [sshRecipient(line)])
    do {
      _ = try decrypt(file, identities: [identity])
      Issue.record("it was decrypted")
    } catch {
      #expect(error.code == .identity)
      #expect(error.reason.contains("does not belong"))
    }
    // The file itself says it in OpenSSH's format, whatever lies beside it.
    let own = try self.identity(Person("password"), publicKey: line)
    #expect(try own.recipients().map { "\($0)" } == ["\(recipient)"])
    for wrong in ["", "ssh-rsa", "ecdsa-sha2-nistp256 AAAA"] {
      #expect(
        keyCode { _ = try sshIdentity(vector.privateKey.span, path: "key", publicKey: wrong) }
          == .malformed)
    }
    #expect(
      keyCode { _ = try sshIdentity(vector.privateKey.span, path: "key") } == .publicKeyMissing)
  }

  /// A file that was damaged after the key was protected is not a wrong password, where a tag or two equal numbers tell.
  @Test func damageOfTheFile() throws {
    let text = String(decoding: vector.privateKey, as: UTF8.self)
    let lines = text.split(separator: "\n")
    var data = try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined()))
    let salt = try #require(data.range(of: Data("bcrypt".utf8))).upperBound
    // 4 bytes of length, 4 of the salt's length, 16 of salt, then the rounds.
    data.replaceSubrange((salt + 24)..<(salt + 28), with: [0, 0, 0x20, 1])
    let slow = Array("\(lines[0])\n\(data.base64EncodedString())\n\(lines.last!)".utf8)
    do {
      _ = try sshIdentity(slow.span, path: "key", prompter: Person("password"))
      Issue.record("8193 rounds were accepted")
    } catch {
      #expect(error.code == .notSupported)
      #expect(error.reason.contains("8193"))
    }
    data.replaceSubrange((salt + 24)..<(salt + 28), with: [0, 0, 0, 0])
    let none = Array("\(lines[0])\n\(data.base64EncodedString())\n\(lines.last!)".utf8)
    #expect(keyCode { _ = try sshIdentity(none.span, path: "key") } == .malformed)
  }
}
