import Age
import AgePostQuantum
import Foundation
import Keyring
import SecretMemory
import SystemPackage
import TestSupport
import Testing

@Suite struct IdentityFileTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func identities(_ content: String) throws -> [any Identity] {
    try Keyring().identities(at: FilePath(directory.write("key", content)))
  }

  @Test func ageIdentities() throws {
    let other = String(decoding: try X25519Identity().encoded().revealed, as: UTF8.self)
    let one = try identities("# created\n# public key\n\(Sample.identity)\n")
    #expect(one.map(\.name) == ["\(directory.path("key")) (X25519)"])
    let two = try identities("\r\n\(Sample.identity)\r\n\r\n# second\r\n  \(other)")
    #expect(
      two.map(\.name) == [
        "\(directory.path("key")), line 2 (X25519)", "\(directory.path("key")), line 5 (X25519)",
      ])
    let file = try encrypt(
      SecretBytes(copying: [7]), recipients: [Keyring().recipient(Sample.age)])
    for identities in [one, two, two.reversed()] {
      #expect(try decrypt(file, identities: identities).revealed == [7])
    }
  }

  /// A sparse file has any size that somebody wants.
  @Test func theLargestFileIsNoKey() throws {
    let path = "/dev/shm/adage-test-\(UInt64.random(in: 0...UInt64.max))"
    defer { _ = unsafe unlink(path) }
    try #require(FileManager.default.createFile(atPath: path, contents: nil))
    try #require(unsafe truncate(path, .max) == 0)
    #expect(throws: KeyringError.self) { _ = try Keyring().identities(at: FilePath(path)) }
  }

  @Test func sshKeys() async throws {
    try await runChecked(
      "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", directory.path("id")])
    let identities = try Keyring().identities(at: FilePath(directory.path("id")))
    #expect(identities.map(\.name) == ["\(directory.path("id")) (ssh-ed25519)"])
    let recipients = try Keyring().recipients(at: FilePath(directory.path("id.pub")))
    let file = try encrypt(SecretBytes(copying: [7]), recipients: recipients)
    #expect(try decrypt(file, identities: identities).revealed == [7])

    let error = try #require(
      failure { _ = try Keyring().identities(at: FilePath(directory.path("id.pub"))) })
    #expect(error.code == .malformed)
    #expect(error.reason.contains("public key"))
  }

  /// The message names each file that was tried, and what the encrypted file is for.
  @Test func noMatch() throws {
    let mine = try identities(Sample.identity)
    let file = try encrypt(
      SecretBytes(copying: [7]),
      recipients: [X25519Identity().recipient, Keyring().recipient(Sample.ssh)])
    do {
      _ = try decrypt(file, identities: mine)
      Issue.record("it was decrypted")
    } catch {
      #expect(
        error.reason
          == "no identity matches: the file is for X25519, ssh-ed25519; tried: \(directory.path("key")) (X25519)"
      )
    }
  }

  @Test func identitiesOfPlugins() throws {
    let names = try identities("# c\nAGE-PLUGIN-FOOBAR-1QVHULF\n\n\(Sample.identity)\n").map(\.name)
    let path = directory.path("key")
    #expect(names == ["\(path), line 2 (age-plugin-foobar)", "\(path), line 4 (X25519)"])
    #expect(try Keyring().identity(ofPlugin: "foobar").name == "age-plugin-foobar")
    #expect(failure { _ = try Keyring().identity(ofPlugin: "a/b") }?.code == .malformed)
  }

  @Test func postQuantumIdentities() throws {
    let made = try HybridIdentity()
    let text = try made.encoded().withSpan { span in
      String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    let read = try identities("\(text.lowercased())\n\(Sample.identity)\n")
    #expect(
      read.map { $0.name.split(separator: "/").last } == [
        "key, line 1 (mlkem768x25519)", "key, line 2 (X25519)",
      ])
    #expect(try read[0].recipients().first as? HybridRecipient == made.recipient)
  }

  @Test(arguments: [
    ("", nil), ("\n# only a comment\n", nil), ("hello", 1), ("AGE-SECRET-KEY-PQ-1QQPQ", 1),
    ("\(Sample.identity)\nhello secret", 2),
    (String(Sample.identity.dropLast()), 1), ("\(Sample.identity) \(Sample.identity)", 1),
    (Sample.age, 1), (Sample.ssh, 1), ("AGE-PLUGIN-YUBIKEY-1QQPQ", 1),
    ("# c\nage-plugin-foobar-1qvhulf", 2), ("-----BEGIN OPENSSH PRIVATE KEY-----\n", nil),
    ("\n\n\(Sample.identity.lowercased().uppercased().dropLast())Y", 3), ("\u{0}\u{1}\u{2}", 1),
  ])
  func malformed(_ content: String, _ line: Int?) throws {
    let error = try #require(failure { _ = try identities(content) })
    #expect(error.code == .malformed)
    #expect(error.origin == .init(directory.path("key"), line: line))
    let message = "\(error) \(error.hint ?? "")"
    for word in content.split(separator: " ") where word.count > 8 {
      #expect(!message.contains(word.prefix(20)))
    }
    #expect(!message.contains("secret"))
  }

  @Test func whatIsNoRegularFileIsRefusedAndNeverWaitedFor() throws {
    #expect(failure { _ = try Keyring().identities(at: "/dev/null") }?.code == .unreadable)
    #expect(
      failure { _ = try Keyring().identities(at: FilePath(directory.path)) }?.code == .unreadable)
    let pipe = directory.path("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    #expect(failure { _ = try Keyring().identities(at: FilePath(pipe)) }?.code == .unreadable)
    #expect(
      failure { _ = try Keyring().identities(at: FilePath(directory.path("none"))) }?.code
        == .missing
    )
    let below = try directory.write("file", "")
    #expect(
      failure { _ = try Keyring().identities(at: FilePath(below + "/key")) }?.code == .missing)
    let link = directory.path("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "gone")
    #expect(failure { _ = try Keyring().identities(at: FilePath(link)) }?.code == .missing)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read every file"))
  func whatMayNotBeReadIsUnreadable() throws {
    let path = try directory.write("key", Sample.identity, mode: 0)
    let error = try #require(failure { _ = try Keyring().identities(at: FilePath(path)) })
    #expect(error.code == .unreadable)
    #expect(error.errno == .permissionDenied)
  }

  /// Comments up to the limit, and one byte over it.
  @Test func theSizeHasALimit() throws {
    let identity = Array("\(Sample.identity)\n".utf8)
    for extra in [0, 1] {
      var content = [UInt8](
        repeating: UInt8(ascii: "#"), count: Keyring.limit - identity.count + extra)
      content[content.count - 1] = UInt8(ascii: "\n")
      let path = FilePath(try directory.write("key", content + identity))
      let error = failure { _ = try Keyring().identities(at: path) }
      #expect(error?.code == (extra == 0 ? nil : .malformed))
      if extra == 1 { #expect(error?.reason.contains("16 MiB") == true) }
    }
  }
}

extension SecretBytes {
  var revealed: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
