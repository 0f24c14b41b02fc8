import Age
import Glibc
import Keyring
import SystemPackage

/// The command `age-inspect`: what can be told of an encrypted file without decrypting it.
struct InspectCommand {
  private let console: Console
  private var recipients: [String] = []
  private var recipientFiles: [String] = []
  private var identityFiles: [String] = []
  private var printsJSON = false
  private var printsStanzas = false
  private var input: String?

  private static let kinds: [String: GoFlags.Kind] = [
    "v": .nothing, "version": .nothing, "json": .nothing, "stanzas": .nothing, "r": .value,
    "recipient": .value, "R": .value, "recipients-file": .value, "i": .value, "identity": .value,
  ]

  /// Does what the words behind the program's name ask for.
  ///
  /// - Returns: the exit status.
  static func run(
    _ words: some Collection<String>, isSubcommand: Bool = false, _ console: Console
  ) throws -> Int32 {
    let help = inspectHelp(name: isSubcommand ? "adage inspect" : console.program)
    return try console.withHelp(help, isSubcommand: isSubcommand) {
      let given = try GoFlags(words, kinds)
      var command = InspectCommand(console: console)
      let asksForVersion = command.take(given)
      if asksForVersion {
        try console.print(ageVersion + "\n")
        return 0
      }
      guard given.operands.count <= 1 && (command.input != nil || isatty(STDIN_FILENO) == 0) else {
        console.usage(help)
        return 1
      }
      try command.inspect()
      return 0
    }
  }

  private init(console: Console) { self.console = console }

  /// - Returns: whether the version is wanted.
  private mutating func take(_ given: GoFlags) -> Bool {
    var asksForVersion = false
    for (name, value) in given.flags {
      switch (name, value) {
      case ("json", .set(let isOn)): printsJSON = isOn
      case ("stanzas", .set(let isOn)): printsStanzas = isOn
      case (_, .set(let isOn)): asksForVersion = isOn
      case ("r", .value(let text)), ("recipient", .value(let text)): recipients.append(text)
      case ("R", .value(let name)), ("recipients-file", .value(let name)):
        recipientFiles.append(name)
      case (_, .value(let name)): identityFiles.append(name)
      }
    }
    input = given.operands.first.flatMap { $0.isEmpty ? nil : $0 }
    return asksForVersion
  }

  private func inspect() throws {
    let file = try InputFile(input)
    var keys = KeySources(
      keyring: .asking(TerminalPrompter(console: console)), console: console,
      standardInputIsTaken: file.name == nil)
    var matches = StanzaMatches()
    for (index, text) in recipients.enumerated() {
      matches.add(try keys.recipient(text, number: index + 1), named: text)
    }
    for name in recipientFiles {
      for recipient in try keys.recipients(ofFile: name) { matches.add(recipient, named: nil) }
    }
    for name in identityFiles { matches.add(try keys.identities(ofFile: name)) }
    let inspection: Inspection
    do throws(AgeError) {
      inspection = try Inspection(
        reading: DescriptorSource(file.descriptor), size: file.remainingSize)
    } catch {
      let failure = AgeFailure(error)
      throw AgeFailure("inspection failed: \(failure)", hint: failure.hint)
    }
    let report = InspectionReport(
      name: file.name ?? (input ?? "<stdin>"), inspection: inspection,
      stanzas: printsStanzas || !matches.isEmpty ? matches.described(inspection.header) : nil)
    try console.print(printsJSON ? report.json : report.text)
  }
}
