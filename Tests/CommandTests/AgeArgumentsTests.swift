import Age
import Testing

@testable import Commands

@Suite struct GoFlagsTests {
  private static let kinds: [String: GoFlags.Kind] = ["a": .nothing, "all": .nothing, "o": .value]

  private func parse(_ line: String) throws -> (flags: [String], operands: [String]) {
    let words = line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
    let flags = try GoFlags(words, Self.kinds)
    return (
      flags.flags.map { flag in
        switch flag.given {
        case .set(let isOn): "\(flag.name) \(isOn)"
        case .value(let value): "\(flag.name)=\(value)"
        }
      }, flags.operands
    )
  }

  @Test(
    arguments: [
      ("", [], []),
      ("-a", ["a true"], []),
      ("--a", ["a true"], []),
      ("--all -a=false", ["all true", "a false"], []),
      (
        "-a=1 -a=0 -a=T -a=F -a=TRUE -a=False",
        ["a true", "a false", "a true", "a false", "a true", "a false"], []
      ),
      ("-o x", ["o=x"], []),
      ("--o=x", ["o=x"], []),
      ("-o=", ["o="], []),
      ("-o ''", ["o="], []),
      ("-o=a=b", ["o=a=b"], []),
      // A value may look like a flag.
      ("-o -a", ["o=-a"], []),
      ("-o -- x", ["o=--"], ["x"]),
      // A dash is a file, and flags may follow files.
      ("- -a x -o y z", ["a true", "o=y"], ["-", "x", "z"]),
      ("x -- -a --", [], ["x", "-a", "--"]),
    ] as [(String, [String], [String])])
  func flagsAreReadAsGoReadsThem(
    _ line: String, _ flags: [String], _ operands: [String]
  ) throws {
    let parsed = try parse(line)
    #expect(parsed.flags == flags)
    #expect(parsed.operands == operands)
  }

  @Test(
    arguments: [
      ("-x", .unknown("x"), "flag provided but not defined: -x"),
      ("--x=1", .unknown("x"), "flag provided but not defined: -x"),
      // Letters are not gathered behind one dash.
      ("-ao x", .unknown("ao"), "flag provided but not defined: -ao"),
      ("-o", .missingValue("o"), "flag needs an argument: -o"),
      (
        "-a=yes", .badBoolean(value: "yes", flag: "a"),
        "invalid boolean value \"yes\" for -a: parse error"
      ),
      ("---a", .badSyntax("---a"), "bad flag syntax: ---a"),
      ("-=a", .badSyntax("-=a"), "bad flag syntax: -=a"),
      ("-a -h", .help, "help requested"),
      ("--help", .help, "help requested"),
    ] as [(String, GoFlags.Invalid, String)])
  func whatCannotBeReadSaysSoInGosWords(
    _ line: String, _ expected: GoFlags.Invalid, _ message: String
  ) {
    #expect(throws: expected) { try parse(line) }
    #expect(expected.description == message)
  }
}

@Suite struct AgeArgumentsTests {
  @Test func identitiesKeepTheirOrder() throws {
    let arguments = try AgeArguments(["-d", "-i", "a", "-j", "b", "--identity=c", "file"])
    #expect(arguments.identities == [.file("a"), .plugin("b"), .file("c")])
    #expect(arguments.input == "file")
    #expect(arguments.output == nil)
  }

  @Test func whatIsEmptyIsAStandardStream() throws {
    let arguments = try AgeArguments(["-d", "-o", "", ""])
    #expect(arguments.input == nil)
    #expect(arguments.output == nil)
  }

  @Test func duplicatesAreToldOnce() throws {
    let words = ["-e", "-r", "a", "-r", "a", "-r", "a", "-R", "a", "-i", "b", "-i", "b", "-j", "b"]
    let duplicates = try AgeArguments(words).duplicates
    #expect(duplicates.map(\.kind) == ["recipient", "identity file"])
    #expect(duplicates.map(\.value) == ["a", "b"])
  }

  @Test func theVersionComesBeforeEverythingThatDoesNotGoTogether() throws {
    #expect(try AgeArguments(["--version", "-d", "-p", "a", "b"]).showsVersion)
  }
}

@Suite struct AgeFailureTests {
  /// The phrases of age that scripts look for, by the kinds of errors.
  @Test(
    arguments: [
      (.noMatch, "no identity matches: x", "no identity matched any of the recipients: x"),
      (.headerMAC, "check the header: x", "bad header MAC: x"),
      (.header, "read the header: x", "failed to read header: x"),
      (.header, "X25519 stanza is odd", "failed to read header: X25519 stanza is odd"),
      (.header, "read the payload: x", "failed to read nonce: x"),
      (
        .payload, "decrypt the payload: x",
        "failed to decrypt and authenticate payload chunk, file may be corrupted or tampered with: x"
      ),
      (.armor, "read the armor: x", "invalid armor: x"),
      (.wrongPassword, "x", "incorrect passphrase: x"),
      (.cancelled, "x", "could not read passphrase: x"),
      (.recipient, "x", "x"),
      (.write, "write", "write"),
    ] as [(AgeError.Code, String, String)])
  func phrasesOfAgeStandFirst(_ code: AgeError.Code, _ reason: String, _ expected: String) {
    #expect(AgeFailure(AgeError(code, reason)).description == expected)
  }
}

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "2026-01-02T03:04:05Z"), (3600, "2026-01-02T03:04:05+01:00"),
      (-34_200, "2026-01-02T03:04:05-09:30"), (20_700, "2026-01-02T03:04:05+05:45"),
    ])
  func theDistanceFromGreenwichIsInHoursAndMinutes(_ offset: Int, _ expected: String) {
    #expect(Timestamp(parts: [2026, 1, 2, 3, 4, 5], offset: offset).description == expected)
  }
}
