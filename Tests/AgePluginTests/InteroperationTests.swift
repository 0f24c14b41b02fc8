import Age
import AgePlugin
import Foundation
import SecretMemory
import TestSupport
import Testing

/// Debian's age and this library with the same plugin, on each other's files.
@Suite struct InteroperationTests {
  private let directory = try! TemporaryDirectory()
  private let text = Array("the same text".utf8)

  private var environment: [String: String] {
    ["PATH": "\(TestKey.directory):/usr/bin:/bin"]
  }

  @Test(arguments: ["", "grease msg", "grease labels:a"])
  func theirsIsOurs(_ behaviour: String) async throws {
    let key = try TestKey(behaviour)
    let native = try X25519Identity()
    let file = try await runChecked(
      "age", ["-r", key.recipient, "-r", "\(native.recipient)"], input: text,
      environment: environment)
    #expect(try decrypt(file, identities: [try key.identities()]).revealed == text)
    #expect(try decrypt(file, identities: [native]).revealed == text)
  }

  @Test(arguments: ["", "grease msg", "descriptors"])
  func oursIsTheirs(_ behaviour: String) async throws {
    let key = try TestKey(behaviour)
    let other = try TestKey(behaviour)
    let recipients = Plugins.grouped([
      try other.recipients(), try X25519Identity().recipient, try key.recipients(),
    ])
    let file = try encrypt(try SecretBytes(copying: text), recipients: recipients)
    for one in [key, other] {
      let identities = try directory.write("key", one.identity)
      let output = try await runChecked(
        "age", ["-d", "-i", identities], input: file, environment: environment)
      #expect(output == text)
    }
  }

  @Test func anIdentityAsRecipient() async throws {
    let key = try TestKey()
    let identities = try directory.write("key", key.identity)
    let theirs = try await runChecked(
      "age", ["-e", "-i", identities], input: text, environment: environment)
    #expect(try decrypt(theirs, identities: [try key.identities()]).revealed == text)
    let ours = try encrypt(
      try SecretBytes(copying: text), recipients: try key.identities().recipients())
    let output = try await runChecked(
      "age", ["-d", "-i", identities], input: ours, environment: environment)
    #expect(output == text)
  }
}
