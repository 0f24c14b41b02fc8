import ArgumentParser
import Configuration
import NixExpression

/// `adage reference`: the documentation of all options or builtins as Markdown, made from what implements them.
struct ReferenceCommand: ParsableCommand {
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case options, builtins
  }

  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Print the reference of options or builtins as Markdown.",
    shouldDisplay: false)

  @Argument(help: "What to print: options or builtins.")
  var subject: Subject

  func run() throws {
    let console = Console(program: "adage", isVerbose: false)
    switch subject {
    case .options: try console.print(try options())
    case .builtins: try console.print(builtins())
    }
  }

  private func options() throws -> String {
    let evaluation = try Evaluation.read(nil, machine: try LocalMachine.current([:]))
    var text = """
      # Options

      What a configuration may set, and what each setting does. This page is made by `make reference` from the
      modules that implement it. Other options of NixOS are accepted and listed as not applied.

      """
    for option in try evaluation.allOptions() {
      text += "\n## `\(option.name)`\n\n\(option.description)\n\n- type: \(option.type)\n"
      if let value = option.defaultValue { text += "- default: \(code(value))\n" }
      if let value = option.example { text += "- example: \(code(value))\n" }
    }
    return text
  }

  private func builtins() -> String {
    var text = """
      # Builtins

      The functions and constants of `builtins`. This page is made by `make reference` from their registrations.

      """
    for builtin in BuiltinReference.all {
      let call = ([builtin.name] + builtin.arguments).joined(separator: " ")
      text += "\n## `\(call)`\n\n\(builtin.summary)\n"
      switch builtin.availability {
      case .always: break
      case .since(let version): text += "\nNix has it since \(version).\n"
      case .onlyInNix: text += "\nIt needs Nix itself: here it is an error that says so.\n"
      }
    }
    return text
  }

  /// A value as code, in a block if it has several lines.
  private func code(_ value: String) -> String {
    value.contains("\n")
      ? "\n\n  ```nix\n  \(value.replacing("\n", with: "\n  "))\n  ```" : "`\(value)`"
  }
}
