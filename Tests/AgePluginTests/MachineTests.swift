import Age
import AgePlugin
import Foundation
import SecretMemory
import TestSupport
import Testing

/// Both state machines against plugins that say what a text says, whatever they are told.
@Suite struct MachineTests {
  private static let key = "-> file-key 0\nAAAAAAAAAAAAAAAAAAAAAA\n"
  private static let stanza = "-> recipient-stanza 0 test a\nAAAA\n"
  private let file = [Stanza(type: "test", arguments: ["a"], body: [1, 2])]

  private func base64(_ text: String) -> String {
    Data(text.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")
  }

  // MARK: What we say

  @Test func whatAnIdentityMachineIsTold() throws {
    let script = Script("\(Self.key)-> done\n\n")
    let key = try TestKey()
    _ = try key.identities().unwrap([file + file, file], over: script)
    let parts = script.text.split(separator: "-> grease-", maxSplits: 1)
    #expect(parts[0] == "-> add-identity \(key.identity)\n\n")
    #expect(
      script.text.hasSuffix(
        """
        -> recipient-stanza 0 test a
        AQI
        -> recipient-stanza 0 test a
        AQI
        -> recipient-stanza 1 test a
        AQI
        -> done

        -> ok


        """))
  }

  @Test func whatARecipientMachineIsTold() throws {
    let script = Script("\(Self.stanza)-> recipient-stanza 1 test\n\n-> done\n\n")
    let key = try TestKey()
    let fileKeys = [try FileKey(), try FileKey()]
    let both = Plugins.grouped([
      try key.recipients(), try #require(try key.identities().recipients().first),
    ])
    let recipients = try #require(both.first as? PluginRecipients)
    #expect(both.count == 1)
    let wrappings = try recipients.wrap(fileKeys, over: script)
    #expect(
      wrappings.map(\.stanzas) == [
        [Stanza(type: "test", arguments: ["a"], body: [0, 0, 0])],
        [Stanza(type: "test", arguments: [], body: [])],
      ])
    let keys = fileKeys.map { Data($0.revealed).base64EncodedString().dropLast(2) }
    let parts = script.text.split(separator: "-> grease-", maxSplits: 1)
    #expect(
      parts[0] == "-> add-recipient \(key.recipient)\n\n-> add-identity \(key.identity)\n\n")
    #expect(
      script.text.hasSuffix(
        """
        -> wrap-file-key
        \(keys[0])
        -> wrap-file-key
        \(keys[1])
        -> extension-labels

        -> done

        -> ok

        -> ok


        """))
  }

  // MARK: What a person has to do with it

  @Test func aPersonIsAsked() throws {
    let person = Person(pin: "12 34", agrees: false)
    let script = Script(
      """
      -> msg ignored
      \(base64("touch\nit\n"))
      -> request-secret
      \(base64("PIN"))
      -> request-public
      \(base64("name"))
      -> confirm \(base64("go on"))
      \(base64("sure?"))
      -> confirm \(base64("left")) \(base64("right"))
      \(base64("where?"))
      -> frobnicate a b
      AAAA
      -> \("done")


      """)
    let answers = try TestKey().identities(person).unwrap([file], over: script)
    #expect(answers.count == 1 && answers[0].isNotMine)
    #expect(
      person.asked == [
        "show age-plugin-adage-test: touch\nit", "secret age-plugin-adage-test: PIN",
        "answer age-plugin-adage-test: name",
        "confirm age-plugin-adage-test: sure? [go on] [-]",
        "confirm age-plugin-adage-test: where? [left] [right]",
      ])
    #expect(
      script.text.hasSuffix(
        """
        -> done

        -> ok

        -> ok
        \(base64("12 34"))
        -> ok
        \(base64("somebody"))
        -> ok no

        -> ok no

        -> unsupported


        """))
  }

  /// Nobody answers: the plugin is told, and what it makes of that is up to it; the reason is not lost.
  @Test func nobodyAnswers() throws {
    let ask = "-> request-secret\n\(base64("PIN"))\n"
    let script = Script("\(ask)-> confirm \(base64("a"))\n\n-> request-public\n\n-> done\n\n")
    let answers = try TestKey().identities().unwrap([file], over: script)
    #expect(answers[0].refusal?.code == .nobodyToAsk)
    #expect(answers[0].refusal?.reason.contains("age-plugin-adage-test: PIN") == true)
    #expect(script.text.hasSuffix("-> fail\n\n-> fail\n\n-> fail\n\n"))
    let key = try TestKey()
    let cancelled = try key.identities(Person()).unwrap([file], over: Script("\(ask)-> done\n\n"))
    #expect(cancelled[0].refusal?.code == .cancelled)
    // It could do without.
    let opened = try key.identities().unwrap([file], over: Script("\(ask)\(Self.key)-> done\n\n"))
    #expect(opened[0].fileKey != nil)
    let error = Script("\(ask)-> error internal\n\(base64("no PIN"))\n-> done\n\n")
    let refusal = try key.identities().unwrap([file], over: error)[0].refusal
    #expect(refusal?.code == .plugin)
    #expect(refusal?.reason.hasSuffix("age-plugin-adage-test: no PIN") == true)
    #expect(refusal?.hint?.contains("nobody to ask") == true)
    let wrapping = failure {
      _ = try key.recipients().wrap([try FileKey()], over: Script("\(ask)-> done\n\n"))
    }
    #expect(wrapping?.code == .nobodyToAsk)
  }

  /// A plugin's text is cut where it is too long to be read.
  @Test func longTexts() throws {
    let person = Person()
    let long = String(repeating: "x", count: 10_000)
    let lines = stride(from: 0, to: base64(long).count, by: 64).map {
      base64(long).dropFirst($0).prefix(64)
    }
    _ = try TestKey().identities(person).unwrap(
      [file], over: Script("-> msg\n\(lines.joined(separator: "\n"))\n-> done\n\n"))
    #expect(person.asked.first?.utf8.count == "show age-plugin-adage-test: …".utf8.count + 4096)
  }

  // MARK: What is wrong

  @Test(arguments: [
    ("", "it hung up before it had answered"), ("\(key)", "it hung up before it had answered"),
    ("hello\n", "does not begin a stanza"), ("\(key)\(key)-> done\n\n", "a file twice"),
    ("-> file-key\nAAAA\n", "names no file"), ("-> file-key 2\nAAAA\n", "names no file"),
    ("-> file-key -1\nAAAA\n", "names no file"), ("-> file-key 00\nAAAA\n", "names no file"),
    ("-> file-key +1\nAAAA\n", "names no file"), ("-> file-key x\nAAAA\n", "names no file"),
    ("-> file-key 0\nAAAA\n", "file key of 3 bytes and not 16"),
    ("-> file-key 0\n\n", "file key of 0 bytes and not 16"),
    ("-> confirm\n\n", "without naming"), ("-> confirm YQ YQ YQ\n\n", "without naming"),
    ("-> confirm YQ==\n\n", "without naming"), ("-> confirm YR YQ\n\n", "without naming"),
    ("-> error stanza 2 0\n\n", "names no file"), ("-> error stanza 0 1\n\n", "names no stanza"),
    ("-> error stanza 0\n\n", "names no stanza"), ("-> error identity 1\n\n", "names no identity"),
    ("-> error identity\n\n", "names no identity"),
  ])
  func whatNoIdentityMachineSays(_ replies: String, _ message: String) throws {
    let identities = try TestKey().identities(Person(pin: "1"))
    let error = failure { _ = try identities.unwrap([file, file], over: Script(replies)) }
    #expect(error?.code == .plugin)
    #expect(error?.reason.hasPrefix("age-plugin-adage-test: ") == true)
    #expect(error?.reason.contains(message) == true, "\(error?.reason ?? "")")
  }

  @Test(arguments: [
    ("", "it hung up before it had answered"), ("\(stanza)", "it hung up before it had answered"),
    ("-> done\n\n", "made no stanza"), ("\(stanza)-> done\n\n", "made no stanza"),
    ("\(stanza)\(stanza)-> done\n\n", "more stanzas than there are recipients"),
    ("-> recipient-stanza\n\n", "names no file"), ("-> recipient-stanza 2 a\n\n", "names no file"),
    ("-> recipient-stanza test 0\n\n", "names no file"),
    ("-> recipient-stanza 0\n\n", "no type"), ("-> recipient-stanza 0 scrypt\n\n", "no type"),
    ("-> labels a\n\n-> labels b\n\n", "labels twice"),
    ("-> error recipient 1\n\n", "names no recipient"),
    ("-> error identity 0\n\n", "names no identity"),
  ])
  func whatNoRecipientMachineSays(_ replies: String, _ message: String) throws {
    let recipients = try TestKey().recipients()
    let fileKeys = [try FileKey(), try FileKey()]
    let error = failure { _ = try recipients.wrap(fileKeys, over: Script(replies)) }
    #expect(error?.code == .plugin)
    #expect(error?.reason.hasPrefix("age-plugin-adage-test: ") == true)
    #expect(error?.reason.contains(message) == true, "\(error?.reason ?? "")")
  }

  /// The commands of one machine mean nothing to the other.
  @Test func commandsOfTheOtherMachine() throws {
    let script = Script("\(Self.stanza)-> labels\n\n-> done\n\n")
    #expect(try TestKey().identities().unwrap([file], over: script)[0].isNotMine)
    #expect(script.text.hasSuffix("-> unsupported\n\n-> unsupported\n\n"))
    let other = Script("\(Self.key)\(Self.stanza)-> done\n\n")
    _ = try TestKey().recipients().wrap([try FileKey()], over: other)
    #expect(other.text.hasSuffix("-> unsupported\n\n-> ok\n\n"))
  }

  // MARK: What a plugin complains about

  /// What it says of one file, of an identity, or of everything; what was opened stays open.
  @Test func complaintsOfAnIdentityMachine() throws {
    let key = try TestKey()
    let text = "\n\(base64("bad"))\n"
    let one = try key.identities().unwrap(
      [file, file, file], over: Script("-> error stanza 1 0\(text)\(Self.key)-> done\n\n"))
    #expect(one[0].fileKey != nil && one[2].isNotMine)
    #expect(
      one[1].refusal?.reason
        == "decrypt with key (age-plugin-adage-test): age-plugin-adage-test: bad")
    for kind in ["identity 0", "internal", "unheard-of", ""] {
      let error = kind.isEmpty ? "-> error" : "-> error \(kind)"
      let all = try key.identities().unwrap(
        [file, file], over: Script("\(Self.key)\(error)\(text)-> done\n\n"))
      #expect(all[0].fileKey != nil)
      #expect(all[1].refusal?.code == .plugin)
      #expect(all[1].refusal?.reason.hasSuffix(": bad") == true)
      // Nothing is believed of a plugin that leaves without an end.
      let gone = try key.identities().unwrap([file], over: Script("\(Self.key)\(error)\(text)"))
      #expect(gone[0].refusal?.reason.hasSuffix(": bad") == true)
    }
  }

  @Test func complaintsOfARecipientMachine() throws {
    let key = try TestKey()
    let text = "\n\(base64("bad"))\n"
    for (kind, subject) in [
      ("recipient 0", "encrypt to \(key.recipient.prefix(60))"),
      ("internal", "encrypt with the plugin"),
      ("unheard-of 7", "encrypt with the plugin"),
    ] {
      for end in ["-> done\n\n", "", Self.stanza + "-> done\n\n"] {
        let error = failure {
          _ = try key.recipients().wrap(
            [try FileKey()], over: Script("-> error \(kind)\(text)\(end)"))
        }
        #expect(error?.code == .plugin)
        #expect(error?.reason.hasPrefix(subject) == true)
        #expect(error?.reason.hasSuffix(": age-plugin-adage-test: bad") == true)
      }
    }
    let several = failure {
      _ = try key.recipients().wrap(
        [try FileKey()],
        over: Script("-> error internal\(text)-> error recipient 0\(text)-> done\n\n"))
    }
    #expect(several?.reason.hasSuffix("bad (and 1 more)") == true)
  }

  @Test func labels() throws {
    let recipients = try TestKey().recipients()
    let script = Script("-> labels a b\n\n\(Self.stanza)-> done\n\n")
    let wrapping = try recipients.wrap([try FileKey()], over: script)[0]
    #expect(wrapping.labels == ["a", "b"])
    #expect(script.text.hasSuffix("-> ok\n\n-> ok\n\n"))
  }
}
