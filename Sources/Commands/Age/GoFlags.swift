/// A command line as Go's `flag` package reads it, which is how `age` is called: `-flag`, `--flag`, `-flag=value` and,
/// for flags that have a value, `-flag value`.
///
/// Go takes everything after the first word for operands; here flags may follow it. `--` ends the flags.
struct GoFlags {
  /// What stands behind a flag.
  enum Kind {
    case nothing
    case value
  }

  /// Why a command line cannot be read, in Go's words.
  enum Invalid: Error, Equatable, CustomStringConvertible {
    case unknown(String)
    case missingValue(String)
    case badBoolean(value: String, flag: String)
    case badSyntax(String)
    /// `-h`, `-help` or `--help`.
    case help

    var description: String {
      switch self {
      case .unknown(let flag): "flag provided but not defined: -\(flag)"
      case .missingValue(let flag): "flag needs an argument: -\(flag)"
      case .badBoolean(let value, let flag):
        "invalid boolean value \(value.quoted) for -\(flag): parse error"
      case .badSyntax(let word): "bad flag syntax: \(word)"
      case .help: "help requested"
      }
    }
  }

  /// A flag as it was given; one without a value was given as true.
  enum Given: Equatable {
    case set(Bool)
    case value(String)
  }

  /// The flags, in order.
  private(set) var flags: [(name: String, given: Given)] = []
  /// The words that are no flags.
  private(set) var operands: [String] = []

  /// Reads the words behind the program's name.
  init(_ words: some Collection<String>, _ kinds: [String: Kind]) throws(Invalid) {
    var rest = Array(words)[...]
    while let word = rest.popFirst() {
      // A dash alone is a file: a standard stream.
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if word == "--" {
        operands += rest
        return
      }
      let text = word.hasPrefix("--") ? word.dropFirst(2) : word.dropFirst()
      if text.hasPrefix("-") || text.hasPrefix("=") { throw .badSyntax(word) }
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      let value = parts.count == 2 ? String(parts[1]) : nil
      switch kinds[name] {
      case .nothing:
        flags.append((name, .set(try Self.boolean(value, name))))
      case .value:
        guard let value = value ?? rest.popFirst() else { throw .missingValue(name) }
        flags.append((name, .value(value)))
      case nil:
        throw name == "h" || name == "help" ? .help : .unknown(name)
      }
    }
  }

  private static func boolean(_ value: String?, _ flag: String) throws(Invalid) -> Bool {
    switch value {
    case nil, "1", "t", "T", "true", "TRUE", "True": return true
    case "0", "f", "F", "false", "FALSE", "False": return false
    case .some(let value): throw .badBoolean(value: value, flag: flag)
    }
  }
}

extension Console {
  /// Runs what reads a command line; `-h` is answered with the help, and a flag that is wrong with that and status 2.
  ///
  /// - Returns: the exit status.
  func withHelp(
    _ help: String, isSubcommand: Bool, _ body: () throws -> Int32
  ) throws -> Int32 {
    do {
      return try body()
    } catch GoFlags.Invalid.help {
      // age's own commands print their help where Go does.
      if isSubcommand { try print(help + "\n") } else { usage(help) }
      return 0
    } catch let error as GoFlags.Invalid {
      usage("\(error)\n\(help)")
      return 2
    }
  }
}

extension String {
  /// The text between double quotes, on one line, as messages name files.
  var quoted: String {
    "\"\(onOneLine)\""
  }
}
