import ArgumentParser
import Configuration
import NixExpression
import SystemPackage

/// `adage eval`: the value of a Nix expression, or of a configuration's options.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Print the value of a Nix expression, or a configuration's options.",
    discussion: """
      Every part of the value is evaluated and printed as Nix writes it, or as JSON. An expression \
      that needs what adage has not, such as a fetcher, is given to nix-instantiate where that is \
      installed, though never as root.

      With --modules the file is a configuration, and what is printed, as JSON, is every option with \
      the value that its modules give it, its failed assertions and its warnings.
      """)

  @Argument(help: ArgumentHelp("The file with the expression.", valueName: "file"))
  var file: String?

  @Option(
    name: [.customShort("E"), .customLong("expr")],
    help: ArgumentHelp("Evaluate this instead of a file.", valueName: "expression"))
  var expression: String?

  @Option(
    name: [.customShort("A"), .customLong("attr")],
    help: ArgumentHelp("Print the attribute at this path, such as a.b.\"c d\".", valueName: "path"))
  var attribute: String?

  @Flag(help: "Print the value as JSON.")
  var json = false

  @Option(
    name: .customShort("I"), parsing: .singleValue,
    help: ArgumentHelp(
      "Look <name> up here before $NIX_PATH; not as root.", valueName: "path or prefix=path"))
  var include: [String] = []

  @Flag(help: "Take the file as a configuration, and print its options.")
  var modules = false

  @Option(
    help: ArgumentHelp(
      "With --modules: evaluate for the machine that this file describes.", valueName: "file"))
  var machine: String?

  @Flag(help: "With --modules: refuse options that have no effect.")
  var strict = false

  @Flag(name: .shortAndLong, help: "Say what was being evaluated when it failed.")
  var verbose = false

  @Flag(help: "As root, let the expression read files outside its own repository.")
  var allowRead = false

  func validate() throws {
    if file?.isEmpty == true { throw ValidationError("<file> names no file") }
    if (file == nil) == (expression == nil) {
      throw ValidationError("give a <file>, or an expression with -E")
    }
    if modules, file == nil { throw ValidationError("--modules needs a <file>") }
    if !modules, machine != nil || strict {
      throw ValidationError("--machine and --strict belong to --modules")
    }
    if let attribute, AttributePath(attribute) == nil {
      throw ValidationError("'\(attribute)' is no path of attributes")
    }
  }

  func run() async throws {
    let console = Console(program: "adage", isVerbose: verbose)
    if modules, let file { return try printOptions(of: file, console) }
    let request = ExpressionRequest(
      file: file, expression: expression, attribute: attribute, json: json, include: include,
      allowRead: allowRead)
    try await request.run(console)
  }

  // MARK: Configurations

  private func printOptions(of file: String, _ console: Console) throws {
    let (text, remarks) = try evaluated(file, console)
    if strict, !remarks.notApplied.isEmpty {
      throw CommandFailure(
        "evaluate \(file): options that have no effect here: "
          + remarks.notApplied.joined(separator: ", "), hint: "leave out --strict to accept them")
    }
    tell(remarks, console)
    try console.print(bytes: text + [UInt8(ascii: "\n")])
  }

  private func evaluated(
    _ file: String, _ console: Console
  ) throws -> (text: [UInt8], remarks: Evaluation.Remarks) {
    let variables = ProcessContext.variables()
    do throws(ConfigurationError) {
      let evaluation = try Evaluation.read(
        FilePath(file), machine: try describedMachine(machine, variables),
        rules: Configuration.Rules(allowRead: allowRead, environment: variables),
        onTrace: console.trace)
      return (
        try evaluation.json(at: attribute.flatMap { AttributePath($0) }), try evaluation.remarks()
      )
    } catch {
      throw ConfigurationFailure(error: error, path: file)
    }
  }

  private func tell(_ remarks: Evaluation.Remarks, _ console: Console) {
    for option in remarks.notApplied { console.say("not applied: \(option)") }
    for warning in remarks.warnings { console.warn(warning) }
    for message in remarks.failedAssertions { console.warn("failed assertion: \(message)") }
  }
}

/// The machine that a file describes, else this one.
func describedMachine(
  _ file: String?, _ variables: [String: String]
) throws(ConfigurationError) -> any Machine {
  if let file { return try DescribedMachine(file: FilePath(file)) }
  return try LocalMachine.current(variables)
}
