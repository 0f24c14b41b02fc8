import ArgumentParser
import Editing
import Glibc
import SystemFiles
import SystemPackage

/// The whole program: its name and its first argument decide what it is.
///
/// Called as `agenix`, or with a flag first, it is agenix's command; a word first is a subcommand.
package enum Adage {
  /// Runs the program.
  ///
  /// - Parameter arguments: the command line, the program's own name included.
  /// - Returns: the exit status: 0, 1 for a failure, 2 for a subcommand that was called wrongly.
  package static func run(_ arguments: [String]) async -> Int32 {
    forbidDumps()
    occupyStandardDescriptors()
    let name = FilePath(arguments.first ?? "").lastComponent?.string ?? "adage"
    let rest = arguments.dropFirst()
    if let status = runAge(name, rest) { return status }
    let console = Console(
      program: name == "agenix" ? name : "adage",
      isVerbose: rest.contains { $0 == "-v" || $0 == "--verbose" })
    if rest.first == EditorSession.watcherFlag, let directory = rest.dropFirst().first {
      EditorSession.watch(over: FilePath(directory))
      return 0
    }
    do {
      if name != "agenix", let word = rest.first, !word.hasPrefix("-") {
        return try await runSubcommand(Array(rest), console)
      }
      return try await AgenixCommand.run(rest, console)
    } catch {
      console.report(error as? any Failure ?? UnexpectedFailure(error: error))
      return 1
    }
  }

  /// Runs what is age's: its programs by their names, or as subcommands.
  ///
  /// - Returns: the exit status; nil if something else is asked for.
  private static func runAge(_ name: String, _ words: ArraySlice<String>) -> Int32? {
    let console = Console(program: name, isVerbose: false, labelsErrors: true)
    let isHelp = name != "age" && words.first == "help" && words.count == 2
    if isHelp { return runAge(name, [words.last!, "--help"]) }
    let rest = words.dropFirst()
    let run: (() throws -> Int32)? =
      switch (name, words.first) {
      case ("age", _): { try AgeCommand.run(words, console) }
      case ("age-keygen", _): { try KeygenCommand.run(words, console) }
      case ("age-inspect", _): { try InspectCommand.run(words, console) }
      case ("agenix", _): nil
      case (_, "encrypt"): { try AgeCommand.run(rest, mode: ["-e"], .adage) }
      case (_, "decrypt"): { try AgeCommand.run(rest, mode: ["-d"], .adage) }
      case (_, "keygen"): { try KeygenCommand.run(rest, isSubcommand: true, .adage) }
      case (_, "inspect"): { try InspectCommand.run(rest, isSubcommand: true, .adage) }
      default: nil
      }
    guard let run else { return nil }
    do {
      return try run()
    } catch {
      console.report(error as? any Failure ?? UnexpectedFailure(error: error))
      return 1
    }
  }

  private static func runSubcommand(_ words: [String], _ console: Console) async throws -> Int32 {
    if words == ["help"] {
      try console.print(agenixHelp(name: console.program))
      return 0
    }
    if words.first == "eval", let request = ExpressionRequest(plain: words.dropFirst()) {
      try await request.run(console)
      return 0
    }
    do {
      if words.first == "run-job" {
        try await RunJobCommand.run(Array(words.dropFirst()))
        return 0
      }
      switch try AdageCommand.parseAsRoot(words) {
      // As a type of its own a command stays on this thread; those of Swift's own pool would try to raise their
      // priority, and libdispatch complains in the journal that others than root may not.
      case let command as NoticesCommand: try await command.run()
      case let command as StatusCommand: try await command.run()
      case var command as any AsyncParsableCommand: try await command.run()
      case var command: try command.run()
      }
      return 0
    } catch let error as any Failure {
      throw error
    } catch let status as ExitCode {
      return status.rawValue
    } catch {
      let text = AdageCommand.fullMessage(for: error)
      if AdageCommand.exitCode(for: error).isSuccess {
        try console.print(text + "\n")
        return 0
      }
      console.usage(text)
      return 2
    }
  }
}

/// The command that the subcommands belong to.
struct AdageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adage", abstract: "Keep secrets as age files, and install them on a machine.",
    version: adageVersion,
    subcommands: [
      InitCommand.self, SwitchCommand.self, RollbackCommand.self, StatusCommand.self,
      UninstallCommand.self, ActivateCommand.self, EvalCommand.self, OptionCommand.self,
      ReferenceCommand.self, RunJobCommand.self, NoticesCommand.self, TextconvCommand.self,
    ])
}

extension Console {
  /// The console of age's subcommands.
  fileprivate static let adage = Console(program: "adage", isVerbose: false, labelsErrors: true)
}

/// An error that no part of the program describes, such as one of the Swift runtime's.
private struct UnexpectedFailure: Failure {
  let error: any Error

  var description: String { "\(error)" }
}
