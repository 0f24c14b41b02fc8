import Age
import AgePlugin
import Foundation
import SecretMemory
import TestSupport
import Testing

@Suite struct KeyTests {
  @Test(arguments: [
    "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
    "age1a1qqf95wj2", "age1x+y-z._91qqf0rhqh",
  ])
  func recipientsKeepTheirText(_ text: String) throws {
    let prefix = text[..<text.lastIndex(of: "1")!]
    let known =
      text.contains("yubikey") ? text : Bech32.encode([0, 1].span, prefix: String(prefix))
    let recipients = try PluginRecipients(known, Plugins())
    #expect("\(recipients)" == known)
    #expect("age1\(recipients.plugin)" == prefix)
  }

  @Test(arguments: [
    "", "age1", "hello", "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    "AGE1YUBIKEY1QWT50D05NH5VUTPDZMLG5WN80XQ5NEGM4UJ9GHV0SNVDD3YYSF5YW3RHL3T",
    "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3q",
    "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3",
    "Age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
    "AGE-PLUGIN-FOOBAR-1QVHULF",
  ])
  func whatIsNoRecipient(_ text: String) throws {
    #expect(failure { _ = try PluginRecipients(text, Plugins()) }?.code == .recipient)
  }

  /// Names that would be a path, or nothing.
  @Test(arguments: [
    "", "a/b", "../x", "a b", "a\u{7f}", "ä", "a*", String(repeating: "a", count: 245),
  ])
  func whatIsNoName(_ name: String) throws {
    let recipient = Bech32.encode([1].span, prefix: "age1\(name)")
    #expect(failure { _ = try PluginRecipients(recipient, Plugins()) }?.code == .recipient)
    let identity = try Bech32.encodeSecret([1].span, prefix: "age-plugin-\(name)-").revealed
    #expect(
      failure { _ = try PluginIdentities(identity.span, from: "here", Plugins()) }?.code
        == .identity
    )
    #expect(failure { _ = try PluginIdentities(ofPlugin: name, Plugins()) }?.code == .identity)
  }

  @Test func identities() throws {
    let text = Array("AGE-PLUGIN-FOOBAR-1QVHULF".utf8)
    let identities = try PluginIdentities(text.span, from: "file, line 2", Plugins())
    #expect(identities.plugin.description == "foobar")
    #expect(identities.name == "file, line 2 (age-plugin-foobar)")
    #expect(identities.asksSomebody)
    for flawed in [
      "age-plugin-foobar-1qvhulf", "AGE-PLUGIN-FOOBAR-1QVHULG", "AGE-PLUGIN-FOOBAR-1", "",
      "AGE-PLUGIN-1QQPQ",
    ] {
      let bytes = Array(flawed.utf8)
      let error = failure { _ = try PluginIdentities(bytes.span, from: "here", Plugins()) }
      #expect(error?.code == .identity, "\(flawed)")
    }
  }

  /// `age -j NAME`: the same text as every implementation makes.
  @Test func identityWithoutData() throws {
    let script = Script("-> done\n\n")
    _ = try PluginIdentities(ofPlugin: "FooBar", Plugins()).unwrap([], over: script)
    #expect(script.text.hasPrefix("-> add-identity AGE-PLUGIN-FOOBAR-1QVHULF\n\n"))
  }

  @Test func groupingKeepsTheOrder() throws {
    let one = try TestKey(name: "one")
    let two = try TestKey(name: "two")
    let other = try TestKey(name: "one")
    let native = try X25519Identity()
    let mixed: [any Recipient] = [
      try two.recipients(), native.recipient, try one.recipients(), try two.recipients(),
      try other.recipients(),
    ]
    let grouped = Plugins.grouped(mixed).map { "\($0)" }
    #expect(
      grouped == [
        "\(two.recipient), \(two.recipient)", "\(native.recipient)",
        "\(one.recipient), \(other.recipient)",
      ])
    let identities = Plugins.grouped([
      try one.identities(), native, try other.identities(), try two.identities(),
    ])
    #expect(
      identities.map(\.name) == [
        "key (age-plugin-one), key (age-plugin-one)", native.name, "key (age-plugin-two)",
      ])
    #expect(Plugins.grouped(Plugins.grouped(identities)).map(\.name) == identities.map(\.name))
  }

  @Test func directories() throws {
    let own = { (name: String) in
      ["ADAGE_PLUGIN_PATH": "/own", "PATH": "/bin::.:x/y:/usr/bin"][name]
    }
    #expect(PluginDirectories(environment: own, isRoot: false).paths == ["/own"])
    #expect(PluginDirectories(environment: own, isRoot: true).paths == ["/bin", "/usr/bin"])
    #expect(PluginDirectories(environment: { _ in nil }, isRoot: false).paths.isEmpty)
  }

  /// What has the plugin's name and is no program is passed over; then the error says where it was looked for.
  @Test func whatCannotBeFound() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a/age-plugin-one/file", "")
    try directory.write("b/age-plugin-one", "#!/bin/sh\n", mode: 0o644)
    let path = PluginDirectories(path: "\(directory.path("a")):\(directory.path("b")):")
    let key = try TestKey(name: "one")
    let recipients = try PluginRecipients(key.recipient, Plugins(in: path))
    let error = try #require(failure { try recipients.requireProgram() })
    #expect(error.code == .plugin)
    #expect(
      error.reason
        == "find age-plugin-one: it is not in \(directory.path("a")), \(directory.path("b"))")
    #expect(error.hint?.hasPrefix("install age-plugin-one ") == true)
    #expect(failure { _ = try recipients.wrap(try FileKey()) }?.reason == error.reason)
    try directory.write("c/age-plugin-one", "#!/bin/sh\n", mode: 0o755)
    let found = Plugins(
      in: PluginDirectories(path: "\(directory.path("b")):\(directory.path("c"))"))
    try PluginRecipients(key.recipient, found).requireProgram()
    let nowhere = try PluginRecipients(key.recipient, Plugins())
    #expect(
      failure { try nowhere.requireProgram() }?.reason.hasSuffix("there is no directory to look in")
        == true)
  }
}
