import Age
import AgeSSH
import Foundation
import SecretMemory
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Keyring

/// SSH private keys with what lies beside them.
@Suite struct SSHKeyTests {
  private typealias Person = EncryptedIdentityFileTests.Person
  private let directory: TemporaryDirectory
  private var path: String { directory.path("id") }

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func generate(_ arguments: [String], password: String = "") async throws {
    try await runChecked("ssh-keygen", ["-q", "-N", password, "-a", "1", "-f", path] + arguments)
  }

  /// Encrypts to the public key, and decrypts with the private one.
  private func roundTrip(_ prompter: any Prompter = NobodyToAsk()) throws -> String {
    let keyring = Keyring(prompter: prompter)
    let identities = try keyring.identities(at: FilePath(path))
    let recipients = try keyring.recipients(at: FilePath(path + ".pub"))
    let file = try encrypt(SecretBytes(copying: [7]), recipients: recipients)
    #expect(try decrypt(file, identities: identities) == SecretBytes(copying: [7]))
    return identities.map(\.name).joined()
  }

  @Test func rsa() async throws {
    try await generate(["-t", "rsa", "-b", "2048"])
    #expect(try roundTrip() == "\(path) (ssh-rsa)")
  }

  @Test func openSSHsFormNeedsNothingBeside() async throws {
    try await generate(["-t", "ed25519"], password: "password")
    let person = Person("password")
    #expect(try roundTrip(person) == "\(path) (ssh-ed25519)")
    #expect(person.asked.withLock { $0 } == ["passphrase for \(path)"])
    try FileManager.default.removeItem(atPath: path + ".pub")
    let identities = try Keyring(prompter: person).identities(at: FilePath(path))
    #expect(identities.map(\.asksSomebody) == [true])
    #expect(try identities[0].recipients().count == 1)
  }

  /// The older form needs the public key beside it.
  @Test func olderFormsNeedThePublicKey() async throws {
    try await generate(["-t", "rsa", "-b", "2048", "-m", "PEM"], password: "password")
    let person = Person("password")
    #expect(try roundTrip(person) == "\(path) (ssh-rsa)")
    #expect(person.asked.withLock { $0 } == ["passphrase for \(path)"])

    let line = String(decoding: try directory.read("id.pub"), as: UTF8.self)
    try directory.write("id.pub", "# a comment\r\n\r\n\(line)")
    #expect(try roundTrip(Person("password")) == "\(path) (ssh-rsa)")

    for (content, reason) in [
      ("", "no type of an SSH key"), ("ssh-rsa AAAA\n", "canonical base64"),
      ("\(Sample.age)\n", "no type of an SSH key"),
    ] {
      try directory.write("id.pub", content)
      let error = failure { _ = try Keyring().identities(at: FilePath(path)) }
      #expect(error?.origin == .init(path + ".pub"))
      #expect(error?.code == .malformed, "\(reason)")
    }
    try FileManager.default.removeItem(atPath: path + ".pub")
    let missing = try #require(failure { _ = try Keyring().identities(at: FilePath(path)) })
    #expect(missing.code == .notSupported)
    #expect(
      "\(missing)" == "\(path): the key is protected by a password and \(path).pub is not there")
    #expect(missing.hint == "make it: `ssh-keygen -y -f \(path) > \(path).pub`")
    try FileManager.default.createDirectory(
      atPath: path + ".pub", withIntermediateDirectories: false)
    #expect(
      failure { _ = try Keyring().identities(at: FilePath(path)) }?.code == .unreadable)
  }

  /// A public key of somebody else's is noticed once the private one is there.
  @Test func thePublicKeyBesideIsOfSomebodyElse() async throws {
    try await generate(["-t", "rsa", "-b", "2048", "-m", "PEM"], password: "password")
    try directory.write("id.pub", Sample.rsa + "\n")
    do {
      _ = try roundTrip(Person("password"))
      Issue.record("it was decrypted")
    } catch let error as AgeError {
      #expect(error.code == .identity)
      #expect(error.reason.hasPrefix("unlock \(path): "))
    }
  }

  @Test(arguments: [["-t", "ecdsa"], ["-t", "dsa"], ["-t", "rsa", "-b", "1024"]])
  func whatCannotEncryptIsNamed(_ arguments: [String]) async throws {
    try await generate(arguments)
    for error in [
      failure { _ = try Keyring().identities(at: FilePath(path)) },
      failure { _ = try Keyring().recipients(at: FilePath(path + ".pub")) },
    ] {
      #expect(error?.code == .notSupported)
      #expect(error?.origin?.place.hasPrefix(path) == true)
      #expect(error?.hint != nil)
    }
  }

  @Test func asAnAgeKey() async throws {
    try await generate(["-t", "ed25519"])
    let identity = try Keyring().sshIdentity(at: FilePath(path)).x25519Identity()
    let file = try await runChecked("age", ["-r", "\(identity.recipient)"], input: [1])
    #expect(try decrypt(file, identities: [identity]) == SecretBytes(copying: [1]))
  }
}
