import Configuration
import NixExpression
import SystemPackage

/// What `adage eval` is asked for, other than a configuration's options.
struct ExpressionRequest {
  var file: String?
  var expression: String?
  var attribute: String?
  var json = false
  var include: [String] = []
  var allowRead = false

  /// The most frequent command lines, a file's name and perhaps `--json`, without the argument parser, which takes as
  /// long as all the rest; nil for any other.
  init?(plain words: ArraySlice<String>) {
    json = words.contains("--json")
    let names = words.filter { $0 != "--json" }
    guard names.count == 1, words.count <= 2, let name = names.first, !name.isEmpty,
      !name.hasPrefix("-")
    else { return nil }
    file = name
  }

  init(
    file: String?, expression: String?, attribute: String?, json: Bool, include: [String],
    allowRead: Bool
  ) {
    self.file = file
    self.expression = expression
    self.attribute = attribute
    self.json = json
    self.include = include
    self.allowRead = allowRead
  }

  func run(_ console: Console) async throws {
    let process = try ProcessContext.current(console)
    let path = file.map { process.absolute($0) } ?? process.currentDirectory
    let evaluator = Evaluator(
      world: try process.world(
        evaluating: path, allowRead: allowRead, searching: include, console))
    // The process ends with this evaluation, so nothing of it needs to be freed.
    _ = unsafe Unmanaged.passRetained(evaluator)
    var text: [UInt8]
    do throws(NixError) {
      text = try evaluator.run { () throws(NixError) in try value(in: evaluator, path) }
    } catch {
      text = try await fallBack(error, path, process)
    }
    text.append(UInt8(ascii: "\n"))
    try console.print(bytes: text)
  }

  private func value(in evaluator: Evaluator, _ path: FilePath) throws(NixError) -> [UInt8] {
    var value =
      if let expression {
        try evaluator.evaluate(
          source: expression, name: "«expression»", directory: path.string)
      } else {
        try evaluator.evaluate(file: path.string)
      }
    if let names = attribute.flatMap({ AttributePath($0) })?.names {
      value = try evaluator.select(value, names)
    }
    return json ? try evaluator.jsonBytes(value) : try evaluator.printed(value)
  }

  private func fallBack(
    _ error: NixError, _ path: FilePath, _ process: ProcessContext
  ) async throws -> [UInt8] {
    let name = expression == nil ? path.string : "the expression"
    guard case .unavailable = error.code, let nix = NixInstantiate(process) else {
      throw EvaluationFailure(error: error, subject: name, isRoot: process.isRoot)
    }
    let flags = (json ? ["--json"] : []) + (attribute.map { ["--attr", $0] } ?? [])
    return Array(
      try await nix.value(flags + (expression.map { ["--expr", $0] } ?? [path.string]), of: name)
        .utf8)
  }
}
