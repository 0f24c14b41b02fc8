import Age
import AgePlugin
import Foundation
import Glibc
import SecretMemory
import SystemPackage
import TestSupport
import Testing

/// The test plugin as a process of its own, honest and not.
@Suite struct ProcessTests {
  private let directory = try! TemporaryDirectory()

  private func log() throws -> [String] {
    String(decoding: try directory.read("log"), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }

  private var logging: String { "log:\(directory.path("log"))" }

  @Test func oneProcessServesAllFiles() throws {
    let person = Person(pin: "1234")
    let key = try TestKey("pin \(logging)")
    let fileKeys = try (0..<300).map { _ in try FileKey() }
    let files = try key.recipients(person).wrap(fileKeys).map(\.stanzas)
    #expect(files.allSatisfy { $0.count == 1 && $0[0].type == "adage-test" })
    let opened = try key.identities(person).unwrap(files)
    #expect(opened.map(\.fileKey) == fileKeys.map(\.revealed))
    #expect(try log() == ["recipient-v1 300", "identity-v1 300"])
    let question = "secret age-plugin-adage-test: PIN of the test\u{1b}[31m"
    #expect(person.asked == [question, question])
  }

  @Test func nothingStartsNothing() throws {
    let key = try TestKey(logging)
    #expect(try key.recipients().wrap([]).isEmpty)
    #expect(try key.identities().unwrap([]).isEmpty)
    #expect(throws: (any Error).self) { try log() }
  }

  @Test func everythingThatAPluginMayAsk() throws {
    let person = Person(pin: "1234", agrees: false)
    let key = try TestKey("grease msg name choose grease pin")
    let fileKey = try FileKey()
    let stanzas = try key.recipients(person).wrap(fileKey).stanzas
    #expect(try key.identities(person).unwrap([stanzas])[0].fileKey == fileKey.revealed)
    #expect(
      person.asked.prefix(3) == [
        "show age-plugin-adage-test: touch it", "answer age-plugin-adage-test: your name",
        "confirm age-plugin-adage-test: left or right? [left] [right]",
      ])
    let sure = try TestKey("confirm")
    #expect(try sure.recipients(Person()).wrap(fileKey).stanzas.count == 1)
    let refused = failure { _ = try sure.recipients(person).wrap(fileKey) }
    #expect(refused?.reason.hasSuffix("age-plugin-adage-test: not confirmed") == true)
  }

  @Test func wholeFiles() throws {
    let person = Person(pin: "1234")
    let one = try TestKey("pin labels:x,y")
    let two = try TestKey("labels:y,x")
    let text = Array("text".utf8)
    let recipients = Plugins.grouped([try one.recipients(person), try two.recipients(person)])
    #expect(recipients.count == 1)
    let file = try encrypt(try SecretBytes(copying: text), recipients: recipients)
    for identity in [try one.identities(person), try two.identities()] {
      #expect(try decrypt(file, identities: [identity]).revealed == text)
    }
    // Without the PIN another identity still opens it, and if none does, the PIN is why.
    let both: [any Identity] = [try one.identities(), try two.identities()]
    #expect(try decrypt(file, identities: both).revealed == text)
    let alone = failure { _ = try decrypt(file, identities: [try one.identities()]) }
    #expect(alone?.code == .plugin)
    #expect(alone?.reason.hasSuffix("age-plugin-adage-test: no PIN was given") == true)
    #expect(alone?.hint?.contains("nobody to ask") == true)
    let stranger = failure {
      _ = try decrypt(file, identities: [try TestKey().identities(), try X25519Identity()])
    }
    #expect(stranger?.code == .noMatch)
    #expect(stranger?.reason.contains("key (age-plugin-adage-test)") == true)
    // The labels of all recipients of a file must be the same.
    let mixed = failure {
      _ = try encrypt(
        try SecretBytes(copying: text),
        recipients: recipients + [try X25519Identity().recipient])
    }
    #expect(mixed?.code == .recipient)
  }

  @Test func identitiesAsRecipients() throws {
    let key = try TestKey(logging)
    let native = try X25519Identity()
    let recipients = try key.identities().recipients() + native.recipients()
    let file = try encrypt(try SecretBytes(copying: [7]), recipients: recipients)
    #expect(try decrypt(file, identities: [try key.identities()]).revealed == [7])
    #expect(try log() == ["recipient-v1 1", "identity-v1 1"])
  }

  /// What a plugin does wrong, and what is said of it.
  @Test(arguments: [
    ("leave", "it hung up before it had answered (exit status 3)"),
    ("leave-early", "it hung up before it had answered (exit status 3); it said: it is too early"),
    ("die", "it hung up before it had answered (signal 9)"),
    ("leave-midway", "it ended in the middle of a line"),
    ("nonsense", "it sent a line that does not begin a stanza"),
    ("flood-line", "it sent a line of more than 64 KiB"),
    ("flood-errors", "it wrote more than 16 MiB to standard error"),
    ("flood-unread", "it sent more than 1016 stanzas"),
    ("endless-msg", "it sent more than 1016 stanzas"),
    ("endless-unknown", "it sent more than 1016 stanzas"),
    ("close-output", "it hung up before it had answered (exit status 6)"),
  ])
  func misbehaviour(_ behaviour: String, _ message: String) throws {
    let honest = try TestKey()
    let (files, _) = try wrapped(1, for: honest)
    let key = try TestKey(behaviour)
    let refusal = try #require(try key.identities().unwrap(files)[0].refusal)
    #expect(refusal.code == .plugin)
    #expect(refusal.reason.hasPrefix("age-plugin-adage-test: \(message)"), "\(refusal)")
    #expect(refusal.reason.utf8.count < 1200)
    let error = try #require(failure { _ = try key.recipients().wrap(try FileKey()) })
    #expect(error.code == .plugin)
    #expect(error.reason.hasPrefix("age-plugin-adage-test: \(message)"), "\(error)")
  }

  /// It goes while it is told more than a pipe holds: writing must fail, and not end this process.
  @Test(arguments: [
    ("leave-early", "it hung up before it had answered (exit status 3)"),
    ("flood-unread", "it goes on without reading what it is told"),
    ("deaf", "it hung up before it had answered"),
  ])
  func notReading(_ behaviour: String, _ message: String) throws {
    let prefix = "age-plugin-adage-test: \(message)"
    // Else nothing would be shown about the signal.
    var action = sigaction()
    try #require(unsafe sigaction(SIGPIPE, nil, &action) == 0)
    let handler = unsafe action.__sigaction_handler.sa_handler
    #expect(handler == nil, "SIGPIPE does not end this process")
    let (files, _) = try wrapped(2000, for: try TestKey())
    let answers = try TestKey(behaviour).identities().unwrap(files)
    #expect(answers.count == 2000)
    #expect(answers.allSatisfy { $0.refusal?.reason.hasPrefix(prefix) == true })
    let fileKeys = try (0..<2000).map { _ in try FileKey() }
    let error = failure { _ = try TestKey(behaviour).recipients().wrap(fileKeys) }
    #expect(error?.reason.hasPrefix(prefix) == true)
  }

  /// A plugin that complains is believed, whether it then stays or goes.
  @Test(arguments: [
    ("error-internal", "it is broken"), ("error-recipient", "no such recipient"),
    ("error-identity", "no such identity"), ("error-stanza", "bad stanza"),
    ("error-and-leave", "it gives up"),
  ])
  func complaints(_ behaviour: String, _ message: String) throws {
    let (files, _) = try wrapped(1, for: try TestKey())
    let key = try TestKey(behaviour)
    let refusal = try key.identities().unwrap(files)[0].refusal
    if behaviour != "error-recipient" {
      #expect(refusal?.reason.hasSuffix("age-plugin-adage-test: \(message)") == true)
    }
    if !["error-identity", "error-stanza"].contains(behaviour) {
      let error = failure { _ = try key.recipients().wrap(try FileKey()) }
      #expect(error?.reason.hasSuffix("age-plugin-adage-test: \(message)") == true)
    }
  }

  /// Nothing that it was answered is used if it breaks the rules later.
  @Test func filesThatAreOpenedTwice() throws {
    let key = try TestKey("twice")
    let (files, _) = try wrapped(2, for: key)
    let answers = try key.identities().unwrap(files)
    #expect(answers.allSatisfy { $0.refusal?.reason.contains("twice") == true })
  }

  /// It answers and then stays, or says that it failed: neither matters any more.
  @Test(arguments: ["linger", "status"])
  func whatItDoesAfterwards(_ behaviour: String) throws {
    let key = try TestKey(behaviour)
    let fileKey = try FileKey()
    #expect(try key.recipients().wrap(fileKey).stanzas.count == 1)
  }

  /// It goes on once somebody was told that it is waited for.
  @Test func somebodyIsToldWhatIsWaitedFor() throws {
    let directory = directory
    let person = Person { _ = try? directory.write("told", "") }
    let key = try TestKey("until:\(directory.path("told"))")
    let plugins = Plugins(
      in: PluginDirectories(path: TestKey.directory), prompter: person, patience: 50)
    let recipients = try PluginRecipients(key.recipient, plugins)
    #expect(try recipients.wrap(try FileKey()).stanzas.count == 1)
    #expect(person.asked == ["show waiting for age-plugin-adage-test"])
  }

  /// It ends, and what it started lives on and holds its pipes.
  @Test func whatItStartedIsNotWaitedFor() throws {
    try directory.write("age-plugin-parent", "#!/bin/sh\nsleep 30 &\nexit 3\n", mode: 0o755)
    let key = try TestKey(name: "parent")
    let plugins = Plugins(in: PluginDirectories(path: directory.path), patience: 50)
    let error = failure {
      _ = try PluginRecipients(key.recipient, plugins).wrap(try FileKey())
    }
    #expect(error?.reason == "age-plugin-parent: it hung up before it had answered (exit status 3)")
  }

  @Test func whatCannotBeStarted() throws {
    let key = try TestKey(name: "broken")
    let path = try directory.write("age-plugin-broken", "#!/nowhere/interpreter\n", mode: 0o755)
    let plugins = Plugins(in: PluginDirectories(path: directory.path))
    let error = failure {
      _ = try PluginRecipients(key.recipient, plugins).wrap(try FileKey())
    }
    #expect(error?.code == .plugin)
    #expect(error?.errno == .noSuchFileOrDirectory)
    #expect(error?.reason == "start \(path)")
    try directory.write(
      "age-plugin-broken", "#!/bin/sh\necho \"cannot: $1\" >&2\nexit 2\n", mode: 0o755)
    let other = failure {
      _ = try PluginRecipients(key.recipient, plugins).wrap(try FileKey())
    }
    #expect(
      other?.reason
        == "age-plugin-broken: it hung up before it had answered (exit status 2); it said: cannot: --age-plugin=recipient-v1"
    )
  }

  /// The plugin gets one end of each of its three pipes, and nothing else of them.
  @Test func noDescriptorLeaks() throws {
    let key = try TestKey("descriptors \(logging)")
    _ = try key.recipients().wrap(try FileKey())
    let line = try #require(try log().first { $0.hasPrefix("descriptors ") })
    let names = line.split(separator: " ").dropFirst()
    #expect(names.prefix(3).allSatisfy { $0.hasPrefix("pipe:") })
    #expect(Set(names.prefix(3)).count == 3)
    #expect(Set(names.prefix(3)).isDisjoint(with: names.dropFirst(3)))
  }
}
