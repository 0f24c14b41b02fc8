import Age
import Foundation
import SecretMemory
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Keyring

/// Identity files that are age files under a password.
struct EncryptedIdentityFileTests {
  let directory = try! TemporaryDirectory()
  let inner = try! X25519Identity()

  /// A person who types the same password each time, and counts.
  final class Person: Prompter {
    let password: String
    let asked = Mutex<[String]>([])

    init(_ password: String) { self.password = password }

    func secret(_ prompt: String) throws(AgeError) -> SecretBytes {
      asked.withLock { $0.append(prompt) }
      return try guarding { () throws(SecretMemoryError) in
        try SecretBytes(copying: Array(password.utf8))
      }
    }

    func answer(_ prompt: String) throws(AgeError) -> String { throw AgeError(.cancelled, "no") }

    func confirm(_ question: String, yes: String, no: String?) throws(AgeError) -> Bool { false }

    func show(_ message: String) {}
  }

  /// Writes a text, encrypted with the password "password", as an identity file.
  private func write(_ text: [UInt8], armor: Bool = false) throws -> FilePath {
    let password = try SecretBytes(copying: Array("password".utf8))
    let file = try encrypt(
      SecretBytes(copying: text, locking: .preferred),
      recipients: [ScryptRecipient(password: password, workFactor: 5)], armor: armor)
    return FilePath(try directory.write("identities", file))
  }

  private func innerText() throws -> [UInt8] {
    try Array("# a comment\r\n".utf8)
      + inner.encoded().withSpan { span in span.indices.map { span[$0] } } + Array("\r\n".utf8)
  }

  private func encrypted(_ text: String) throws -> [UInt8] {
    try encrypt(SecretBytes(copying: Array(text.utf8)), recipients: [inner.recipient])
  }

  @Test(arguments: [false, true])
  func thePasswordIsAskedForOnceAndOnlyWhenTheFileIsNeeded(_ armor: Bool) throws {
    let path = try write(innerText(), armor: armor)
    let person = Person("password")
    let identities = try Keyring(prompter: person).identities(at: path)
    #expect(identities.map(\.name) == ["\(path) (encrypted)"])
    #expect(person.asked.withLock { $0 } == [])
    for text in ["one", "two"] {
      let clear = try decrypt(encrypted(text), identities: identities)
      #expect(clear.revealed == Array(text.utf8))
    }
    #expect(try identities[0].recipients().map { "\($0)" } == ["\(inner.recipient)"])
    #expect(person.asked.withLock { $0 } == ["passphrase for identity file \(path)"])
  }

  @Test func anotherIdentityThatAsksNobodyIsTriedBefore() throws {
    let person = Person("password")
    let identities = try Keyring(prompter: person).identities(at: write(innerText())) + [inner]
    _ = try decrypt(encrypted("text"), identities: identities)
    #expect(person.asked.withLock { $0 } == [])
  }

  @Test func aWrongPasswordIsSaidAndNotAskedForAgain() throws {
    let path = try write(innerText())
    let person = Person("passwort")
    let identities = try Keyring(prompter: person).identities(at: path)
    let other = try X25519Identity()
    for _ in 0..<2 {
      let error = #expect(throws: AgeError(.wrongPassword, "")) {
        _ = try decrypt(encrypted("text"), identities: identities + [other])
      }
      #expect(error?.reason.contains("\(path)") == true)
      #expect(error?.reason.contains("passwort") == false)
    }
    #expect(person.asked.withLock { $0 }.count == 1)
  }

  @Test func withNobodyToAskTheFileIsNamed() throws {
    let path = try write(innerText())
    let error = #expect(throws: AgeError(.nobodyToAsk, "")) {
      _ = try decrypt(encrypted("text"), identities: Keyring().identities(at: path))
    }
    #expect(error?.reason.contains("\(path)") == true)
  }

  @Test(arguments: ["", "nonsense", "# nothing\n"])
  func whatIsInItIsReadAsAnIdentityFile(_ text: String) throws {
    let path = try write(Array(text.utf8))
    let identities = try Keyring(prompter: Person("password")).identities(at: path)
    let error = #expect(throws: AgeError(.identity, "")) {
      _ = try decrypt(encrypted("text"), identities: identities)
    }
    #expect(error?.reason.hasPrefix("\(path)") == true)
    #expect(error?.reason.contains("nonsense") == false)
  }

  @Test func anEncryptedFileInAnEncryptedFileIsRefused() throws {
    let once = try Data(contentsOf: URL(filePath: write(innerText()).string))
    let path = try write(Array(once))
    let identities = try Keyring(prompter: Person("password")).identities(at: path)
    let error = #expect(throws: AgeError(.identity, "")) {
      _ = try decrypt(encrypted("text"), identities: identities)
    }
    #expect(error?.reason.contains("encrypted once more") == true)
  }

  @Test(arguments: ["age-encryption.org/v1\n-> a\n", "\n-----BEGIN AGE ENCRYPTED FILE-----\n"])
  func aDamagedFileIsSaidToBeThat(_ text: String) throws {
    let path = FilePath(try directory.write("identities", text))
    let identities = try Keyring(prompter: Person("password")).identities(at: path)
    let error = #expect(throws: AgeError(.identity, "")) {
      _ = try decrypt(encrypted("text"), identities: identities)
    }
    #expect(error?.reason.hasPrefix("decrypt the identity file \(path)") == true)
  }
}
