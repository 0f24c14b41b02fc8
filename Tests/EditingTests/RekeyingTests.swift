import Age
import Foundation
import Keyring
import SecretMemory
import SystemPackage
import TestSupport
import Testing

@testable import Editing

@Suite struct RekeyingTests {
  @Test func everyFileIsEncryptedAnew() throws {
    let repository = try Repository()
    let before = try ["a.age", "b/c.age"].map { try repository.write($0, "text of \($0)") }
    let key = [Repository.recipient]
    let report = try Rekeying(
      repository.rules(["a.age": key, "b/c.age": key, "new.age": key]), in: repository.path,
      keys: repository.keys,
      recipients: RecipientCache(Keyring())
    ).run()
    #expect(report == .init(rekeyed: ["a.age", "b/c.age"], missing: ["new.age"]))
    #expect(try repository.text("a.age") == "text of a.age")
    #expect(try repository.text("b/c.age") == "text of b/c.age")
    let after = try repository.picture()
    #expect(after.keys.sorted() == ["a.age", "b", "b/c.age"])
    #expect(after["a.age"] != before[0] && after["b/c.age"] != before[1])
  }

  /// What one file has that keeps all others from being replaced.
  @Test(arguments: ["damaged", "foreign", "a rule without keys", "a bad key", "no file of age's"])
  func oneThatFailsKeepsAllAsTheyWere(_ flaw: String) throws {
    let repository = try Repository()
    for number in 0..<20 { try repository.write("\(number).age", "text") }
    var keys = Dictionary(
      uniqueKeysWithValues: (0..<20).map { ("\($0).age", [Repository.recipient]) })
    switch flaw {
    case "damaged":
      try repository.directory.write(
        "7.age", Array(try repository.directory.read("7.age").dropLast()))
    case "foreign":
      let data = try Data(contentsOf: URL(filePath: Repository.fixture("foreign.age").string))
      try repository.directory.write("7.age", [UInt8](data))
    case "a rule without keys": keys["7.age"] = []
    case "a bad key": keys["7.age"] = [Repository.recipient, "age1nonsense"]
    default: try repository.directory.write("7.age", "plain")
    }
    let before = try repository.picture()
    let rekeying = try Rekeying(
      repository.rules(keys), in: repository.path, keys: repository.keys,
      recipients: RecipientCache(Keyring()))
    do {
      _ = try rekeying.run()
      Issue.record("rekeyed although 7.age is \(flaw)")
    } catch {
      #expect(error.reason.contains("7.age"))
      #expect(!error.reason.contains("8.age"))
    }
    #expect(try repository.picture() == before)
  }

  @Test func allFailuresAreNamedInOrder() throws {
    let repository = try Repository()
    for name in ["a.age", "b.age", "c.age"] { try repository.write(name, "text") }
    for name in ["a.age", "c.age"] { try repository.directory.write(name, "plain") }
    let before = try repository.picture()
    let key = [Repository.recipient]
    let rekeying = try Rekeying(
      repository.rules(["a.age": key, "b.age": key, "c.age": key]), in: repository.path,
      keys: repository.keys, recipients: RecipientCache(Keyring()))
    let error = #expect(throws: EditingError(.several, "")) { try rekeying.run() }
    #expect(error?.reason == "rekey: 2 secrets failed; nothing was changed")
    #expect(error?.details.map { $0.prefix(13) } == ["decrypt a.age", "decrypt c.age"])
    #expect(try repository.picture() == before)
  }

  @Test func rulesThatCannotBeUsedKeepAllAsTheyWere() throws {
    let repository = try Repository()
    try repository.write("a.age", "text")
    let before = try repository.picture()
    let rules = try repository.rules(["a.age": [Repository.recipient], "../b.age": []])
    let rekeying = try Rekeying(
      rules, in: repository.path, keys: repository.keys, recipients: RecipientCache(Keyring()))
    #expect(throws: EditingError(.badRecipient, "")) { try rekeying.run() }
    #expect(try repository.picture() == before)
  }

  @Test func noFileAtAllIsAnError() throws {
    let repository = try Repository()
    let rules = try repository.rules(["a.age": [Repository.recipient]])
    #expect(throws: EditingError(.notThere, "")) {
      try Rekeying(
        rules, in: repository.path, keys: repository.keys, recipients: RecipientCache(Keyring()))
    }
  }

  /// Without a permission to write, which root does not need: see the transcripts.
  @Test func aDirectoryThatIsGoneKeepsTheOthersAsTheyWere() throws {
    let repository = try Repository()
    try repository.write("a.age", "text")
    try repository.write("b/c.age", "text")
    let key = [Repository.recipient]
    let rekeying = try Rekeying(
      repository.rules(["a.age": key, "b/c.age": key]), in: repository.path, keys: repository.keys,
      recipients: RecipientCache(Keyring()))
    try FileManager.default.removeItem(atPath: repository.directory.path("b"))
    let before = try repository.picture()
    #expect(throws: EditingError(.files, "")) { try rekeying.run() }
    #expect(try repository.picture() == before)
  }
}
