import Age
import AgePlugin
import SecretMemory
import TestSupport
import Testing

/// A command, as what can be compared.
private struct Said: Equatable {
  let name: String
  let arguments: [String]
  let body: [UInt8]

  init(_ name: String, _ arguments: [String], _ body: [UInt8]) {
    self.name = name
    self.arguments = arguments
    self.body = body
  }

  /// The next command; nil at the end.
  init?(_ reader: inout StanzaReader<BytesSource>) throws {
    guard let command = try reader.next() else { return nil }
    self.init(command.name, command.arguments, command.body.revealed)
  }
}

@Suite struct WireTests {
  private func reader(
    _ text: String, answers: Int = 0
  ) throws -> StanzaReader<BytesSource> {
    try StanzaReader(
      BytesSource(Array(text.utf8)), from: "age-plugin-x", limits: ReplyLimits(answers: answers))
  }

  /// Bodies around the length of a line, through the writer and the reader.
  @Test(arguments: [0, 1, 2, 3, 16, 47, 48, 49, 96, 97, 10_000])
  func whatIsWrittenIsReadAgain(_ count: Int) throws {
    var random = Pseudorandom(seed: UInt64(count))
    let body = random.bytes(count)
    let script = Script("")
    var writer = try StanzaWriter(script)
    let long = String(repeating: "x", count: 20_000)
    try writer.write(["first", "a", long], body: body.span)
    try writer.write("second", secret: try SecretBytes(copying: Array("SECRET".utf8)))
    try writer.flush()
    var reader = try reader(script.text)
    #expect(try Said(&reader) == Said("first", ["a", long], body))
    #expect(try Said(&reader) == Said("second", ["SECRET"], []))
    #expect(try Said(&reader) == nil)
  }

  @Test func theTextIsThatOfTheSpecification() throws {
    let script = Script("")
    var writer = try StanzaWriter(script)
    try writer.write(["wrap-file-key"], body: [UInt8](repeating: 0xff, count: 16).span)
    try writer.write(["x", "y"], body: [UInt8](repeating: 0, count: 48).span)
    try writer.write(["done"])
    #expect(script.told.isEmpty)
    try writer.flush()
    let line = String(repeating: "A", count: 64)
    #expect(
      script.text
        == "-> wrap-file-key\n/////////////////////w\n-> x y\n\(line)\n\n-> done\n\n")
  }

  @Test(arguments: [
    ("\n", "does not begin a stanza"), ("hello\n\n", "does not begin a stanza"),
    ("->\n\n", "does not begin a stanza"), ("-> \n\n", "does not begin a stanza"),
    ("-> a  b\n\n", "does not begin a stanza"), ("-> a \n\n", "does not begin a stanza"),
    ("-> \u{e9}\n\n", "does not begin a stanza"), ("-> a\r\n\n", "does not begin a stanza"),
    ("-> a", "middle of a line"), ("-> a\n", "middle of a stanza"),
    ("-> a\nYQ", "middle of a line"), ("-> a\nYQ==\n", "not canonical base64"),
    ("-> a\nYR\n", "not canonical base64"), ("-> a\nY\n", "not canonical base64"),
    ("-> a\nY Q\n", "not canonical base64"), ("-> a\n\u{0}\n", "not canonical base64"),
    ("-> a\n\(String(repeating: "A", count: 65))\n", "not canonical base64"),
    ("-> a\n\(String(repeating: "A", count: 64))\n", "middle of a stanza"),
  ])
  func nonsense(_ text: String, _ message: String) throws {
    var reader = try reader(text)
    do {
      _ = try reader.next()
      Issue.record("it was read")
    } catch {
      #expect(error.code == .plugin)
      #expect(error.reason.hasPrefix("age-plugin-x: "))
      #expect(error.reason.contains(message))
    }
  }

  /// Each limit, and one more than that.
  @Test(arguments: [0, 1])
  func limits(_ extra: Int) throws {
    typealias Reader = StanzaReader<BytesSource>
    let line = "-> " + String(repeating: "x", count: Reader.longestLine - 3 + extra)
    try expect("more than 64 KiB", if: extra > 0) {
      var reader = try reader("\(line)\n\n")
      _ = try reader.next()
    }
    // As many full lines as fit below the limit, and an empty one.
    let lines = Reader.largestBody / 48 - 1 + extra
    let body = String(repeating: String(repeating: "A", count: 64) + "\n", count: lines)
    try expect("limit of 1 MiB", if: extra > 0) {
      var reader = try reader("-> a\n\(body)\n")
      #expect(try Said(&reader)?.body.count == lines * 48)
    }
    let count = ReplyLimits(answers: 2).stanzas + extra
    try expect("more than 1032 stanzas", if: extra > 0) {
      var reader = try reader(String(repeating: "-> a\n\n", count: count), answers: 2)
      var read = 0
      while try reader.next() != nil { read += 1 }
      #expect(read == count)
    }
    let large =
      "-> a\n\(String(repeating: String(repeating: "A", count: 64) + "\n", count: 16_000))\n"
    let most = ReplyLimits(answers: 0).bytes / large.utf8.count + extra
    try expect("more than 16 MiB", if: extra > 0) {
      var reader = try reader(String(repeating: large, count: most))
      while try reader.next() != nil {}
    }
  }

  private func expect(_ message: String, if fails: Bool, _ body: () throws -> Void) throws {
    let error = failure(body)
    if fails {
      #expect(error?.code == .plugin && error?.reason.contains(message) == true)
    } else if let error {
      throw error
    }
  }
}
