import Editing
import Subprocess
import SystemPackage

/// Nix's own evaluator, for what only it can do. Root never asks it.
struct NixInstantiate {
  /// Bytes of JSON that are accepted.
  private static let limit = 64 << 20

  /// What root can do where only Nix could help.
  static let hintForRoot = "nix-instantiate is not asked as root; run this as another user"

  private let program: FilePath

  /// Looks for the program on `PATH`; nil if it is not there, or for root.
  init?(_ process: ProcessContext) {
    guard !process.isRoot,
      let program = findProgram(
        "nix-instantiate", searchPath: ProcessContext.environment("PATH") ?? "")
    else { return nil }
    self.program = program
  }

  /// A value as JSON.
  ///
  /// - Parameter expression: a function of `{ path }`, which is given the file's path.
  /// - Throws: `CommandFailure` with what Nix said.
  func json(of file: FilePath, through expression: String) async throws -> String {
    try await value(
      ["--json", "--expr", expression, "--argstr", "path", file.string], of: file.string)
  }

  /// A value, strictly.
  ///
  /// - Parameters:
  ///   - words: what to evaluate, and how to print it.
  ///   - name: what is evaluated, for errors.
  /// - Throws: `CommandFailure` with what Nix said.
  func value(_ words: [String], of name: String) async throws -> String {
    let arguments = ["--eval", "--strict"] + words
    let result = try await Subprocess.run(
      // By its own name: it is one of several programs in one file.
      Executable.path(program),
      arguments: Arguments(executablePathOverride: "nix-instantiate", remainingValues: arguments),
      output: .string(limit: Self.limit), error: .string(limit: 1 << 20))
    guard result.terminationStatus.isSuccess else {
      throw CommandFailure(
        "evaluate \(name) with nix-instantiate: \(Self.firstLine(result.standardError))")
    }
    let text = result.standardOutput
    return text.last == "\n" ? String(text.dropLast()) : text
  }

  /// What went wrong: Nix's message stands behind its last `error:`.
  private static func firstLine(_ text: String) -> String {
    let lines = text.split(separator: "\n")
    let line = lines.last { $0.contains("error:") } ?? lines.last ?? "it failed"
    return line.split(separator: ":", maxSplits: 1).last.map { $0.trimmingBlanks } ?? ""
  }
}

extension Substring {
  fileprivate var trimmingBlanks: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
