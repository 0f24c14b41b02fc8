import Age
import AgePostQuantum
import Foundation
import Keyring
import SystemPackage
import TestSupport
import Testing

enum Sample {
  static let ssh =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIORukc72gpjUcTzL2wXhmL+ZQEuNOtV9SfYm14PRSQq6"
  static let rsa = {
    let line = (try? String(contentsOf: rsaFile, encoding: .utf8)) ?? ""
    return line.split(separator: " ").prefix(2).joined(separator: " ")
  }()
  private static let rsaFile = packageRoot.appending(path: "Vectors/commands/fixture/keys/rsa.pub")
  static let tagged = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e"
  static let age = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
  static let plugin = "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"
  static let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
}

/// The error that an expression throws.
func failure(_ body: () throws -> Void) -> KeyringError? {
  do {
    try body()
    return nil
  } catch {
    return error as? KeyringError
  }
}

@Suite struct RecipientTests {
  @Test(arguments: [
    (Sample.age, Sample.age), (" \(Sample.age)\r\n", Sample.age),
    (Sample.age.uppercased(), Sample.age),
    ("\(Sample.ssh) comment", Sample.ssh), ("no-pty \(Sample.ssh)", Sample.ssh),
    ("example.org \(Sample.ssh)", Sample.ssh), (Sample.tagged, Sample.tagged),
    (Sample.tagged.uppercased(), Sample.tagged), (Sample.plugin, Sample.plugin),
    (Sample.rsa, Sample.rsa), ("no-pty \(Sample.rsa) comment", Sample.rsa),
  ])
  func known(_ text: String, _ expected: String) throws {
    #expect("\(try Keyring().recipient(text))" == expected)
  }

  @Test(arguments: [
    "", " ", "age1", "age", "hello", "hello world", String(Sample.age.dropLast()), "\(Sample.age)q",
    "\(Sample.age) \(Sample.age)", String(Sample.ssh.dropLast()), "ssh-ed25519", Sample.identity,
    Sample.identity.lowercased(), "AGE-PLUGIN-YUBIKEY-1QQPQ", "age11", "age1\u{e9}1",
    "age1 1qqqqqq", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQA=",
    "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq", String(Sample.tagged.dropLast()),
    "age1tagpq1m3e4wvp6hzcrn9exhy0ae3", "age1pq1", "age1tag1", "AGE1FIDO2-HMAC1QQPQ",
    Sample.plugin.uppercased(), String(Sample.plugin.dropLast()), "age1tagger1qqpq",
  ])
  func malformed(_ text: String) throws {
    let error = try #require(failure { _ = try Keyring().recipient(text) })
    #expect(error.code == .malformed)
    #expect(text.count < 8 || !"\(error) \(error.hint ?? "")".contains(text.prefix(24)))
  }

  @Test func postQuantum() throws {
    let text = try HybridIdentity().recipient.description
    #expect(try Keyring().recipient(text) as? HybridRecipient == HybridRecipient(text))
    let zeroes = [UInt8](repeating: 0, count: 1249)
    let tagged = Bech32.encode(zeroes.span, prefix: TaggedHybridRecipient.prefix)
    let error = try #require(failure { _ = try Keyring().recipient(tagged) })
    #expect(error.code == .malformed)
    #expect(error.reason.contains("tagged post-quantum recipient"))
  }

  @Test func linesOfAText() throws {
    let text = "# a comment\r\n\r\n\(Sample.age)\r\n  \n\(Sample.ssh) comment\r\n"
    #expect(
      try Keyring().recipients(in: text, from: "here").map { "\($0)" } == [Sample.age, Sample.ssh])
    #expect(try Keyring().recipients(in: "", from: "here").isEmpty)
    let error = try #require(
      failure { _ = try Keyring().recipients(in: "\(Sample.age)\n\nhello\n", from: "secrets.nix") })
    #expect(error.origin == .init("secrets.nix", line: 3))
    #expect("\(error)".hasPrefix("secrets.nix, line 3: "))
  }

  @Test func files() throws {
    let directory = try TemporaryDirectory()
    let path = FilePath(try directory.write("keys", "\(Sample.ssh) c\n# c\n\(Sample.age)"))
    #expect(try Keyring().recipients(at: path).map { "\($0)" } == [Sample.ssh, Sample.age])
    let empty = FilePath(try directory.write("empty", "# nothing\n"))
    #expect(failure { _ = try Keyring().recipients(at: empty) }?.code == .malformed)
    let missing = FilePath(directory.path("missing"))
    #expect(failure { _ = try Keyring().recipients(at: missing) }?.code == .missing)
  }
}
