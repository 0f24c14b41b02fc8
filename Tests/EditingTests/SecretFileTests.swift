import Age
import Foundation
import Keyring
import SecretMemory
import SystemFiles
import SystemPackage
import TestSupport
import Testing

@testable import Editing

@Suite struct SecretFileTests {
  private func link(_ name: String, to target: String, in repository: Repository) throws {
    try FileManager.default.createSymbolicLink(
      atPath: repository.directory.path(name), withDestinationPath: target)
  }

  @Test func whatALinkLeadsToIsReplacedAndTheLinkStays() throws {
    let repository = try Repository()
    try repository.write("real/a.age", "text")
    try link("a.age", to: "real/a.age", in: repository)
    try link("directory", to: "real", in: repository)
    #expect(try repository.text("a.age") == "text")
    try repository.write("a.age", "changed")
    try repository.write("directory/new.age", "new")
    #expect(try FileStatus(repository.path.appending("a.age"), followingLinks: false).kind == .link)
    #expect(try repository.text("real/a.age") == "changed")
    #expect(try repository.text("real/new.age") == "new")
  }

  @Test(arguments: ["/etc/passwd", "..", "missing.age", "a.age", "/dev/zero", "missing/x.age"])
  func aLinkThatLeadsElsewhereIsRefused(_ target: String) throws {
    let repository = try Repository()
    try link("a.age", to: target, in: repository)
    #expect(throws: EditingError(.files, "")) { try repository.file("a.age") }
  }

  @Test func aDirectoryThatLeadsElsewhereIsRefused() throws {
    let repository = try Repository()
    try link("b", to: "/etc", in: repository)
    #expect(throws: EditingError(.files, "")) { try repository.file("b/passwd") }
    #expect(throws: EditingError(.files, "")) { try repository.file("b/new/a.age") }
  }

  @Test func theRepositoryItselfMayBeALink() throws {
    let repository = try Repository()
    try repository.write("real/a.age", "text")
    try link("repository", to: "real", in: repository)
    let directory = repository.path.appending("repository")
    let rule = try repository.rules(["repository/a.age": [Repository.recipient]])[0].get()
    let file = try SecretFile(of: rule, in: directory)
    #expect(file.exists)
    #expect(file.path == FilePath(repository.directory.path("real/a.age")).resolved)
  }

  @Test func modesStay() throws {
    let repository = try Repository()
    try repository.write("a.age", "text")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o640], ofItemAtPath: repository.directory.path("a.age"))
    try repository.write("a.age", "changed")
    #expect(try FileStatus(repository.path.appending("a.age")).mode == 0o640)
  }

  @Test func whatIsNotThereSaysSo() throws {
    let repository = try Repository()
    let file = try repository.file("a.age")
    #expect(!file.exists)
    #expect(throws: EditingError(.notThere, "")) { try file.read() }
    #expect(throws: EditingError(.notThere, "")) { _ = try file.decrypt(with: repository.keys) }
  }

  /// The bytes that reach the output, of a text of `count` bytes whose last chunk is damaged or not.
  @Test(arguments: [
    (0, false, 0), (1, false, 1),
    (1 << 20, false, 1 << 20),
    (1 << 20, true, 0),
    // With its overhead, the largest that is checked whole, in full chunks.
    (31 << 16, true, 0),
    // Larger: what came before the damaged chunk flows.
    (SecretFile.wholeLimit + 1, true, SecretFile.wholeLimit),
    (SecretFile.wholeLimit + 1, false, SecretFile.wholeLimit + 1),
  ])
  func aDamagedSmallFileGivesNothing(_ count: Int, _ isDamaged: Bool, _ written: Int) throws {
    let repository = try Repository()
    let text = [UInt8]((0..<count).lazy.map { UInt8(truncatingIfNeeded: $0 &* 31) })
    var encrypted = try repository.write("a.age", text)
    if isDamaged {
      encrypted[encrypted.count - 1] ^= 1
      try repository.directory.write("a.age", encrypted)
    }
    try repository.directory.write("output", "")
    let output = try FileDescriptor.open(repository.path.appending("output"), .writeOnly)
    defer { try? output.close() }
    let file = try repository.file("a.age")
    if isDamaged {
      #expect(throws: EditingError(.badFile, "")) {
        try file.decrypt(with: repository.keys, to: output)
      }
    } else {
      try file.decrypt(with: repository.keys, to: output)
    }
    #expect(try repository.directory.read("output") == Array(text.prefix(written)))
  }

  @Test func anOutputThatIsFullIsAnError() throws {
    let repository = try Repository()
    try repository.write("a.age", "text")
    let output = try FileDescriptor.open(FilePath("/dev/full"), .writeOnly)
    defer { try? output.close() }
    let file = try repository.file("a.age")
    #expect(throws: EditingError.self) { try file.decrypt(with: repository.keys, to: output) }
  }
}

@Suite struct RecipientCacheTests {
  @Test(
    arguments: [
      ([Repository.recipient, "age1nonsense"], "encrypt a.age: public key 2 of its rule: "),
      (["nonsense"], "encrypt a.age: public key 1 of its rule: "),
      (["", "ssh-ed25519 AAAA"], "encrypt a.age: public key 1 of its rule: "),
      ([], "encrypt a.age: its rule has no public key"),
      (["", " \n"], "encrypt a.age: its rule has no public key"),
    ] as [([String], String)])
  func aBadKeyIsNamedByItsPlace(_ keys: [String], _ beginning: String) throws {
    let repository = try Repository()
    let rule = try repository.rules(["a.age": keys])[0].get()
    let cache = RecipientCache(Keyring())
    // A second time, when it is known to be bad.
    for _ in 0..<2 {
      do {
        try cache.check(rule)
        Issue.record("accepted \(keys)")
      } catch {
        #expect(error.code == .badRecipient)
        #expect(error.reason.hasPrefix(beginning), "\(error.reason)")
      }
    }
  }

  @Test func recipientsComeInTheRulesOrder() throws {
    let repository = try Repository()
    let other = try String(
      contentsOf: URL(filePath: Repository.fixture("keys/other.pub").string), encoding: .utf8)
    let rule = try repository.rules(["a.age": [other, Repository.recipient]])[0].get()
    let file = try SecretFile(of: rule, in: repository.path)
    let encrypted = try file.encrypt(
      try SecretBytes(copying: Array("text".utf8)), recipients: RecipientCache(Keyring()))
    let header = try EncryptedFile(reading: BytesSource(encrypted)).header
    #expect(header.stanzas.map(\.type) == ["ssh-ed25519", "X25519"])
  }
}

extension FilePath {
  /// The path with no link on the way to it.
  fileprivate var resolved: FilePath {
    FilePath(URL(filePath: string).resolvingSymlinksInPath().path)
  }
}
