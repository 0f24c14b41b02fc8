import Age
import CSystemCalls
import Foundation
import SecretMemory
import Testing

@testable import Commands

@Suite struct SecretLineTests {
  /// What a terminal's owner edits with, in most terminals.
  private static let keys = adage_terminal_keys(
    erase: 0x7f, kill: 0x15, erase_word: 0x17, end: 0x04)

  /// The answer, and how many characters were taken away on the way to it.
  private func type(_ text: String) throws -> (answer: String?, erased: Int) {
    var line = try SecretLine(Self.keys)
    var erased = 0
    for byte in text.utf8 {
      switch try line.take(byte) {
      case .nothing, .added: continue
      case .erased(let count): erased += count
      case .cancelled: return (nil, erased)
      case .finished:
        let bytes = line.finish().withSpan { span in span.indices.map { span[$0] } }
        return (String(decoding: bytes, as: UTF8.self), erased)
      }
    }
    Issue.record("the line does not end")
    return (nil, erased)
  }

  @Test(
    arguments: [
      ("password\r", "password", 0), ("password\n", "password", 0), ("\r", "", 0),
      ("a\u{7f}\r", "", 1), ("\u{7f}\u{8}a\r", "a", 0), ("ab\u{8}c\r", "ac", 1),
      // A character of several bytes goes as one.
      ("aé\u{7f}b\r", "ab", 1), ("a\u{1f511}\u{7f}\u{7f}b\r", "b", 2),
      ("one two\u{15}three\r", "three", 7), ("\u{15}a\r", "a", 0),
      ("one two\u{17}three\r", "one three", 3), ("one two  \u{17}three\r", "one three", 5),
      ("\u{17}a \u{17}\r", "", 2),
      // Marks of a paste and keys without characters; the end of a line in a paste is none.
      ("\u{1b}[200~pass\rword\n\u{1b}[201~\r", "password", 0),
      ("a\u{1b}[A\u{1b}[1;5Cb\u{1b}OPc\u{1b}[3~\r", "abc", 0), ("a\u{1b}xb\r", "ab", 0),
      ("\u{1b}[200~a\u{1b}[201~b\rc", "ab", 0),
      // Control-D ends what there is.
      ("a\u{4}", "a", 0), ("a\u{1}\0\r", "a\u{1}\0", 0),
    ])
  func aLineIsEdited(_ typed: String, _ answer: String, _ erased: Int) throws {
    let result = try type(typed)
    #expect(result.answer == answer)
    #expect(result.erased == erased)
  }

  @Test(arguments: ["\u{4}", "a\u{7f}\u{4}"])
  func controlDOnNothingGivesUp(_ typed: String) throws {
    #expect(try type(typed).answer == nil)
  }

  @Test func aLineHasALimit() throws {
    var line = try SecretLine(Self.keys)
    for _ in 0..<SecretLine.limit { #expect(try line.take(UInt8(ascii: "x")) == .added) }
    #expect(throws: AgeError(.cancelled, "")) { _ = try line.take(UInt8(ascii: "x")) }
  }
}

@Suite struct QuestionTests {
  @Test(
    arguments: [
      ("passphrase for key", "Enter passphrase for key: "),
      ("password of x", "Enter password of x: "),
      ("Please enter the PIN", "Please enter the PIN: "), ("PIN?", "PIN? "), ("PIN:", "PIN: "),
      ("\u{1b}[31mred\nlines", "\\u{1B}[31mred\\nlines: "),
    ])
  func aPromptIsAQuestionOnOneLine(_ prompt: String, _ question: String) {
    #expect(TerminalPrompter.question(prompt) == question)
  }
}

@Suite struct PassphraseTests {
  @Test func thereAreAsManyDifferentWordsAsBitsNeed() {
    let words = Passphrase.words()
    #expect(words.count == 2048)
    #expect(Set(words.map { Array($0.prefix(4)) }).count == 2048)
    #expect(words.allSatisfy { $0.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 } })
  }

  @Test func tenWordsAreChosenAtRandom() throws {
    let words = Set(Passphrase.words().map { String(decoding: $0, as: UTF8.self) })
    var seen: Set<String> = []
    for _ in 0..<100 {
      let text = try Passphrase.random().withSpan { span in
        String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
      }
      let parts = text.split(separator: "-").map(String.init)
      #expect(parts.count == 10)
      #expect(parts.allSatisfy(words.contains))
      seen.formUnion(parts)
    }
    // Of a thousand throws with 2,048 sides, over 700 differ: all but always.
    #expect(seen.count > 700)
  }
}

/// Questions on a real terminal; the sessions in `Vectors/commands` have the rest.
@Suite struct TerminalTests {
  @Test func aLineIsLongerThanTheKernelsAre() throws {
    let sandbox = try Sandbox(asAge: true)
    let password = String(repeating: "long ", count: 2000)
    let encrypted = try sandbox.run(
      "age -p -o secret.age secrets.nix", onTerminal: true,
      typing: [password + "\r", password + "\r"])
    #expect(encrypted.status == 0, Comment(rawValue: encrypted.output))
    let decrypted = try sandbox.run(
      "age -d -o clear secret.age; cmp clear secrets.nix", onTerminal: true,
      typing: [password + "\r"])
    #expect(decrypted.status == 0, Comment(rawValue: decrypted.output))
    #expect(!decrypted.output.contains("long"))
  }
}
