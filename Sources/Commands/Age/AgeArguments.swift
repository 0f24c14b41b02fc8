/// The command line of `age`.
struct AgeArguments: Equatable {
  /// A source of identities, in the order in which they are tried.
  enum Keys: Equatable {
    /// `-i`: a file, or `-`.
    case file(String)
    /// `-j`: a plugin that needs no data.
    case plugin(String)
  }

  /// Whether `-e` was given; encrypting is the default.
  var encrypts = false
  var decrypts = false
  var asksForPassphrase = false
  var armors = false
  var showsVersion = false
  /// `-r`, in order.
  var recipients: [String] = []
  /// `-R`, in order; `-` is standard input.
  var recipientFiles: [String] = []
  /// `-i` and `-j`, in order.
  var identities: [Keys] = []
  /// `-o`; nil and `-` are standard output.
  var output: String?
  /// The file to read; nil and `-` are standard input.
  var input: String?

  private static let kinds: [String: GoFlags.Kind] = [
    "version": .nothing, "d": .nothing, "decrypt": .nothing, "e": .nothing, "encrypt": .nothing,
    "p": .nothing, "passphrase": .nothing, "a": .nothing, "armor": .nothing, "o": .value,
    "output": .value, "r": .value, "recipient": .value, "R": .value, "recipients-file": .value,
    "i": .value, "identity": .value, "j": .value,
  ]

  /// Reads the words behind the program's name, and checks that they go together.
  ///
  /// - Throws: `GoFlags.Invalid` or `AgeFailure`.
  init(_ words: some Collection<String>) throws {
    let given = try GoFlags(words, Self.kinds)
    for (name, value) in given.flags {
      switch value {
      case .set(let isOn): set(name, isOn)
      case .value(let text): add(name, text)
      }
    }
    if showsVersion { return }
    guard given.operands.count <= 1 else {
      throw AgeFailure(
        "too many INPUT arguments: \(given.operands.map(\.quoted).joined(separator: " "))",
        hint: "only a single input file may be specified at a time")
    }
    input = given.operands.first.flatMap { $0.isEmpty ? nil : $0 }
    if decrypts { try checkDecryption() } else { try checkEncryption() }
  }

  private mutating func set(_ flag: String, _ isOn: Bool) {
    switch flag {
    case "version": showsVersion = isOn
    case "d", "decrypt": decrypts = isOn
    case "e", "encrypt": encrypts = isOn
    case "p", "passphrase": asksForPassphrase = isOn
    default: armors = isOn
    }
  }

  private mutating func add(_ flag: String, _ value: String) {
    switch flag {
    case "r", "recipient": recipients.append(value)
    case "R", "recipients-file": recipientFiles.append(value)
    case "i", "identity": identities.append(.file(value))
    case "j": identities.append(.plugin(value))
    default: output = value.isEmpty ? nil : value
    }
  }

  private func checkDecryption() throws(AgeFailure) {
    if encrypts { throw AgeFailure("-e/--encrypt can't be used with -d/--decrypt") }
    if armors {
      throw AgeFailure(
        "-a/--armor can't be used with -d/--decrypt",
        hint: "armored files are detected automatically, try again without -a/--armor")
    }
    if asksForPassphrase {
      throw AgeFailure(
        "-p/--passphrase can't be used with -d/--decrypt",
        hint: "password protected files are detected automatically")
    }
    let hint = "did you mean to use -i/--identity to specify a private key?"
    if !recipients.isEmpty {
      throw AgeFailure("-r/--recipient can't be used with -d/--decrypt", hint: hint)
    }
    if !recipientFiles.isEmpty {
      throw AgeFailure("-R/--recipients-file can't be used with -d/--decrypt", hint: hint)
    }
  }

  private func checkEncryption() throws(AgeFailure) {
    if !identities.isEmpty && !encrypts {
      throw AgeFailure(
        "-i/--identity and -j can't be used in encryption mode unless symmetric encryption is "
          + "explicitly selected with -e/--encrypt",
        hint: "did you forget to specify -d/--decrypt?")
    }
    guard asksForPassphrase else {
      if recipients.isEmpty && recipientFiles.isEmpty && identities.isEmpty {
        throw AgeFailure(
          "missing recipients",
          hint: "did you forget to specify -r/--recipient, -R/--recipients-file or -p/--passphrase?"
        )
      }
      return
    }
    for (name, isGiven) in [
      ("-r/--recipient", !recipients.isEmpty), ("-R/--recipients-file", !recipientFiles.isEmpty),
      ("-i/--identity and -j", !identities.isEmpty),
    ] where isGiven {
      throw AgeFailure("-p/--passphrase can't be combined with \(name)")
    }
  }

  /// What was given twice, for a warning: the kind and the value, each once.
  var duplicates: [(kind: String, value: String)] {
    let files = identities.compactMap { if case .file(let name) = $0 { name } else { nil } }
    return Self.duplicates(recipients).map { ("recipient", $0) }
      + Self.duplicates(recipientFiles).map { ("recipients file", $0) }
      + Self.duplicates(files).map { ("identity file", $0) }
  }

  private static func duplicates(_ values: [String]) -> [String] {
    var counts: [String: Int] = [:]
    return values.filter { value in
      counts[value, default: 0] += 1
      return counts[value] == 2
    }
  }
}
