import ArgumentParser
import Configuration
import SystemPackage

/// `adage option`: what an option of a configuration is, and what it is set to.
struct OptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "option", abstract: "Explain an option of a configuration.",
    discussion: """
      Prints the option's type, default and description; with a configuration, also its value and \
      where it is set. The name of a set of options lists them.
      """)

  @Argument(
    help: ArgumentHelp(
      "Such as age.secretsDir or services.restic.backups.daily.paths.", valueName: "name"))
  var name: String

  @Argument(help: ArgumentHelp("A configuration.", valueName: "file"))
  var file: String?

  @Option(
    help: ArgumentHelp("Evaluate for the machine that this file describes.", valueName: "file"))
  var machine: String?

  @Flag(help: "As root, let the configuration read files outside its own repository.")
  var allowRead = false

  func validate() throws {
    if AttributePath(name) == nil { throw ValidationError("'\(name)' is no name of an option") }
    if file?.isEmpty == true { throw ValidationError("<file> names no file") }
  }

  func run() throws {
    let console = Console(program: "adage", isVerbose: false)
    switch try answer(console) {
    case .option(let option): try console.print(text(of: option))
    case .options(let options):
      let width = options.map(\.name.count).max() ?? 0
      for option in options {
        let gap = String(repeating: " ", count: width - option.name.count + 2)
        try console.print("\(option.name)\(gap)\(option.type)\n")
      }
    case .none(let near):
      throw CommandFailure(
        "there is no option \(name)",
        hint: near.isEmpty ? nil : "did you mean \(near.joined(separator: " or "))?")
    }
  }

  private func answer(_ console: Console) throws -> Evaluation.Answer {
    let variables = ProcessContext.variables()
    guard let path = AttributePath(name) else { return .none(near: []) }
    do throws(ConfigurationError) {
      let evaluation = try Evaluation.read(
        file.map { FilePath($0) }, machine: try describedMachine(machine, variables),
        rules: Configuration.Rules(allowRead: allowRead, environment: variables),
        onTrace: console.trace)
      return try evaluation.option(path)
    } catch {
      throw ConfigurationFailure(error: error, path: file ?? "adage's options")
    }
  }

  private func text(of option: Evaluation.Option) -> String {
    var lines = ["\(option.name)\(option.isReadOnly ? " (read only)" : "")", ""]
    if !option.description.isEmpty { lines += [option.description, ""] }
    lines.append("Type:    \(option.type)")
    if let value = option.defaultValue { lines.append("Default: \(value.indented)") }
    if let value = option.example { lines.append("Example: \(value.indented)") }
    if file != nil {
      if let value = option.value { lines.append("Value:   \(value)") }
      lines += option.places.map { "Set in:  \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension String {
  /// The text with its later lines under its first.
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n         ")
  }
}
