import Age
import AgePlugin
import Foundation
import Keyring
import Manifest
import SecretMemory
import SystemPackage
import TestSupport
import Testing

@testable import Editing

/// A repository whose keys are the test plugin's.
@Suite struct PluginTests {
  private let repository = try! Repository()
  private let keyring = Keyring(
    plugins: PluginDirectories(
      path: FilePath(product("age-plugin-adage-test")).removingLastComponent().string))

  /// A recipient and an identity of the plugin, and a log of how often it was started for them.
  private func key(_ name: String) throws -> (recipient: String, identity: String) {
    let key = try X25519Identity()
    let log = Array("log:\(repository.directory.path(name))".utf8)
    let text = try key.encoded()
    let scalar = try text.withSpan { try Bech32.decode($0) }
    let secret = scalar.bytes.withSpan { span in span.indices.map { span[$0] } } + log
    let identity = try Bech32.encodeSecret(secret.span, prefix: "age-plugin-adage-test-")
    let recipient = Array("\(key.recipient)".utf8)
    let point = try Bech32.decode(recipient.span)
    let bytes = point.bytes.withSpan { span in span.indices.map { span[$0] } } + log
    return (
      Bech32.encode(bytes.span, prefix: "age1adage-test"),
      identity.withSpan { span in
        String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
      }
    )
  }

  private func log(_ name: String) throws -> [String] {
    guard let bytes = try? repository.directory.read(name) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func decryptionKeys(_ identities: String...) throws -> DecryptionKeys {
    let path = try repository.directory.write(
      "identities", identities.joined(separator: "\n"))
    return try DecryptionKeys(files: [FilePath(path)], keyring)
  }

  private func rekey(
    _ rules: [String: [String]], _ keys: DecryptionKeys
  ) throws -> Rekeying.Report {
    try Rekeying(
      repository.rules(rules), in: repository.path, keys: keys, recipients: RecipientCache(keyring)
    ).run()
  }

  /// A hundred files for two sets of recipients: the plugin is started once for each set, and once to open them all.
  @Test func rekeyingStartsThePluginOnce() throws {
    let one = try key("one.log")
    let two = try key("two.log")
    var rules: [String: [String]] = [:]
    for number in 0..<100 {
      try repository.write("\(number).age", "text \(number)")
      rules["\(number).age"] = [Repository.recipient, one.recipient]
    }
    #expect(try rekey(rules, repository.keys).rekeyed.count == 100)
    #expect(try log("one.log") == ["recipient-v1 100"])
    let keys = try decryptionKeys(one.identity, two.identity)
    for number in 0..<30 { rules["\(number).age"] = [two.recipient, one.recipient] }
    rules["99.age"] = [Repository.recipient]
    #expect(try rekey(rules, keys).rekeyed.count == 100)
    #expect(
      try log("one.log") == [
        "recipient-v1 100", "identity-v1 100", "recipient-v1 30", "recipient-v1 69",
      ])
    #expect(try log("two.log") == ["identity-v1 100", "recipient-v1 30"])
    for number in [0, 29, 30, 98] {
      let text = try repository.file("\(number).age").decrypt(with: keys).withSpan { span in
        String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
      }
      #expect(text == "text \(number)")
    }
    #expect(try repository.text("99.age") == "text 99")
    #expect(throws: EditingError(.noIdentity, "")) { try repository.text("0.age") }
    #expect(throws: EditingError(.noIdentity, "")) {
      _ = try repository.file("99.age").decrypt(with: keys)
    }
  }

  /// Nobody is asked for a PIN if something is wrong that is known before.
  @Test func whatFailsAnywayStartsNothing() throws {
    let one = try key("one.log")
    for name in ["a.age", "b.age"] { try repository.write(name, "text") }
    let before = try repository.picture()
    for flaw in [["age1nonsense"], []] {
      do {
        _ = try rekey(["a.age": [one.recipient], "b.age": flaw], repository.keys)
        Issue.record("rekeyed although b.age has a bad key")
      } catch let error as EditingError {
        #expect(error.code == .badRecipient && error.reason.contains("b.age"))
      }
    }
    #expect(try repository.picture() == before)
  }

  @Test func aPluginThatIsNotThere() throws {
    for name in ["a.age", "b.age"] { try repository.write(name, "text") }
    let before = try repository.picture()
    let key = Bech32.encode([1].span, prefix: "age1missing")
    do {
      _ = try rekey(["a.age": [key], "b.age": [key]], repository.keys)
      Issue.record("rekeyed without the plugin")
    } catch let error as EditingError {
      #expect(error.code == .badRecipient)
      #expect(error.reason.hasPrefix("encrypt a.age and 1 more: find age-plugin-missing: "))
      #expect(error.hint?.hasPrefix("install age-plugin-missing ") == true)
    }
    #expect(try repository.picture() == before)
    // Before anybody edits a secret that could not be encrypted.
    let rule = try repository.rules(["a.age": [key]])[0].get()
    #expect(throws: EditingError(.badRecipient, "")) {
      try RecipientCache(keyring).check(rule)
    }
    try RecipientCache(keyring).check(
      try repository.rules(["a.age": [self.key("x").recipient]])[0].get())
  }
}
