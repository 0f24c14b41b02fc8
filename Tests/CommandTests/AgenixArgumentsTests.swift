import Testing

@testable import Commands

@Suite struct AgenixArgumentsTests {
  private typealias Action = AgenixArguments.Action

  private func parse(_ line: String) throws -> AgenixArguments {
    try AgenixArguments(line.split(separator: " ").map(String.init))
  }

  @Test(
    arguments: [
      ("-e a", .edit("a")),
      ("--edit a", .edit("a")),
      ("-d a", .decrypt("a")),
      ("--decrypt a", .decrypt("a")),
      ("-r", .rekey),
      ("--rekey", .rekey),
      ("-h", .showHelp),
      ("--help", .showHelp),
      ("--version", .showVersion),
      // The last of several files wins, and decrypting once asked for stays asked for.
      ("-e a -e b", .edit("b")),
      ("-d a -d b", .decrypt("b")),
      ("-e a -d b", .decrypt("b")),
      ("-d a -e b", .decrypt("b")),
      ("-r -e a", .rekey),
      ("-d a -r", .rekey),
      // Help comes before everything behind it.
      ("-e a -h --nonsense", .showHelp),
      ("-d a --version -e", .showVersion),
      ("-v -r", .rekey),
      // A value may look like a flag, as it may to agenix.
      ("-d -e", .decrypt("-e")),
    ] as [(String, AgenixArguments.Action)])
  func whatIsToBeDone(_ line: String, _ action: AgenixArguments.Action) throws {
    #expect(try parse(line).action == action)
  }

  @Test(arguments: [
    "-i x -i y -e a --rules r --allow-empty",
    "-e a -i x --identity y --rules q --rules r --allow-empty",
    "--allow-empty --rules r -i x -e a -i y",
  ])
  func flagsStandInAnyOrder(_ line: String) throws {
    let arguments = try parse(line)
    #expect(arguments.identities == ["x", "y"])
    #expect(arguments.rules == "r")
    #expect(arguments.allowsEmpty)
    #expect(arguments.action == .edit("a"))
  }

  @Test func whatIsNotGivenIsNotThere() throws {
    let arguments = try parse("-r")
    #expect(arguments.identities == [])
    #expect(arguments.rules == nil)
    #expect(!arguments.allowsEmpty)
  }

  @Test(arguments: ["", "--nonsense", "word", "-e a word", "-x -h", "-ea", "--edit=a", "-", "--"])
  func whatIsUnknownIsAnsweredWithTheHelp(_ line: String) {
    #expect(throws: AgenixArguments.Invalid.unknown) { try parse(line) }
  }

  @Test(arguments: [
    ("-e", "FILE"), ("--edit", "FILE"), ("-d", "FILE"), ("--decrypt", "FILE"),
    ("-i", "PRIVATE_KEY"), ("--identity", "PRIVATE_KEY"), ("--rules", "FILE"),
  ])
  func aFlagWithoutItsValueSaysWhich(_ flag: String, _ value: String) {
    let expected = AgenixArguments.Invalid.missingValue(flag: flag, value: value)
    #expect(throws: expected) { try AgenixArguments(["-r", flag]) }
    #expect(throws: expected) { try AgenixArguments([flag, "", "-r"]) }
    #expect(expected.description == "no \(value) specified behind \(flag)")
  }

  @Test(arguments: ["-v", "-i x", "--rules r", "--allow-empty -v"])
  func flagsWithoutAnActionMeanNothing(_ line: String) {
    #expect(throws: AgenixArguments.Invalid.nothingToDo) { try parse(line) }
  }
}

@Suite struct VisibleTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("pässwörter", "pässwörter"), ("a\tb", "a\tb"),
    ("\u{1b}[31mred", "\\u{1B}[31mred"), ("a\rb", "a\\rb"), ("\u{9b}x", "\\u{009B}x"),
    ("\0", "\\0"), ("\u{7f}", "\\u{7F}"),
  ])
  func controlCharactersAreEscaped(_ text: String, _ expected: String) {
    #expect(text.visible == expected)
    #expect(text.onOneLine == expected)
  }

  @Test func lineEndsAreEscapedWhereALineIsWanted() {
    #expect("a\nb\r\nc".onOneLine == "a\\nb\\r\\nc")
    #expect("a\nb".visible == "a\nb")
  }
}
