import ArgumentParser
import Configuration
import NixExpression
import SystemPackage

/// `adage eval FILE`: the value of a Nix expression as JSON, as `nix-instantiate --eval --strict
/// --json` prints it.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Print the value of a Nix expression as JSON.",
    discussion: """
      Every part of the value is evaluated. An expression that needs what adage has not, such as a \
      fetcher or nixpkgs, is given to nix-instantiate where that is installed, though never as root.
      """)

  @Argument(help: ArgumentHelp("The file with the expression.", valueName: "file"))
  var file: String

  @Flag(name: .shortAndLong, help: "Say what was being evaluated when it failed.")
  var verbose = false

  func validate() throws {
    if file.isEmpty { throw ValidationError("<file> names no file") }
  }

  @Flag(help: "As root, let the expression read files outside its own repository.")
  var allowRead = false

  func run() async throws {
    let console = Console(program: "adage", isVerbose: verbose)
    let process = try ProcessContext.current(console)
    let path = process.absolute(file)
    let evaluator = Evaluator(
      world: try process.world(evaluating: path, allowRead: allowRead, console))
    let json: String
    do throws(NixError) {
      json = try evaluator.json(try evaluator.evaluate(file: path.string))
    } catch {
      json = try await fallBack(error, path, process)
    }
    try console.print(json + "\n")
  }

  private func fallBack(
    _ error: NixError, _ path: FilePath, _ process: ProcessContext
  ) async throws -> String {
    guard case .unavailable = error.code, let nix = NixInstantiate(process) else {
      throw EvaluationFailure(error: error, path: path, isRoot: process.isRoot)
    }
    return try await nix.json(of: path)
  }
}
