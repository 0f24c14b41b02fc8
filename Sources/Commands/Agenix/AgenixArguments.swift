/// The command line in agenix's manner: flags in any order, each at most the file it works on.
///
/// It is read by hand, as agenix reads it: an unknown flag is answered with the help, and the last
/// of several files wins. Nothing here touches the machine.
struct AgenixArguments: Equatable {
  /// What is to be done.
  enum Action: Equatable {
    case edit(String)
    case decrypt(String)
    case rekey
    case showHelp
    case showVersion
  }

  /// Why a command line means nothing.
  enum Invalid: Error, Equatable, CustomStringConvertible {
    /// agenix answers an unknown flag, a stray word and no argument at all with its help and exit 1.
    case unknown
    /// A flag that wants a value stands last, or before an empty one.
    case missingValue(flag: String, value: String)
    /// Flags, but nothing to do.
    case nothingToDo

    var description: String {
      switch self {
      case .unknown: "unknown argument"
      case .missingValue(let flag, let value): "no \(value) specified behind \(flag)"
      case .nothingToDo: "there is nothing to do: none of -e, -d and -r was given"
      }
    }
  }

  var action: Action
  /// Identity files given with `-i`, in order; empty means the default ones.
  var identities: [String] = []
  /// The manifest given with `--rules`.
  var rules: String?
  var allowsEmpty = false
  /// Whether a manifest may read outside its repository where root evaluates it.
  var allowsRead = false

  /// Reads the arguments behind the program's name.
  init(_ arguments: some Collection<String>) throws(Invalid) {
    var remaining = Array(arguments)[...]
    var file: String?
    var decrypts = false
    var rekeys = false
    action = .showHelp
    if remaining.isEmpty { throw .unknown }
    while let flag = remaining.popFirst() {
      switch flag {
      case "-h", "--help":
        return
      case "--version":
        action = .showVersion
        return
      case "-e", "--edit":
        file = try Self.value(of: flag, named: "FILE", from: &remaining)
      case "-d", "--decrypt":
        file = try Self.value(of: flag, named: "FILE", from: &remaining)
        decrypts = true
      case "-r", "--rekey":
        rekeys = true
      case "-i", "--identity":
        identities.append(try Self.value(of: flag, named: "PRIVATE_KEY", from: &remaining))
      case "--rules":
        rules = try Self.value(of: flag, named: "FILE", from: &remaining)
      case "-v", "--verbose":
        continue  // The console has seen it.
      case "--allow-empty":
        allowsEmpty = true
      case "--allow-read":
        allowsRead = true
      default:
        throw .unknown
      }
    }
    if rekeys {
      action = .rekey
    } else if let file {
      action = decrypts ? .decrypt(file) : .edit(file)
    } else {
      throw .nothingToDo
    }
  }

  private static func value(
    of flag: String, named value: String, from remaining: inout ArraySlice<String>
  ) throws(Invalid) -> String {
    guard let next = remaining.popFirst(), !next.isEmpty else {
      throw .missingValue(flag: flag, value: value)
    }
    return next
  }
}
