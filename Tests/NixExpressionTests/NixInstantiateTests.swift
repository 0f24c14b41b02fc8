import Foundation
import Testing

@testable import NixExpression

/// Real Nix, where it is installed, to see that the expected values are still its own.
enum NixInstantiate {
  static let path = ["/usr/bin", "/usr/local/bin", "/run/current-system/sw/bin"]
    .map { "\($0)/nix-instantiate" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The JSON of an expression; nil if it has no value.
  static func value(_ expression: String) throws -> String? {
    let process = Process()
    process.executableURL = URL(filePath: path ?? "/usr/bin/nix-instantiate")
    process.arguments = ["--eval", "--strict", "--json", "-"]
    process.environment = ["HOME": "/home/user", "NIX_PATH": "", "PATH": "/usr/bin:/bin"]
    process.currentDirectoryURL = Vectors.directory
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(expression.utf8))
    try input.fileHandleForWriting.close()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }

  /// The pairs that Nix sees differently: all at once, and one by one only if there are any.
  static func differences(
    _ pairs: [(source: String, json: String)]
  ) throws -> [(source: String, json: String, nix: String?)] {
    let all = "[\n" + pairs.map { "(\n\($0.source)\n)\n" }.joined() + "]"
    if try value(all) == "[\(pairs.map(\.json).joined(separator: ","))]" { return [] }
    return try pairs.compactMap { pair in
      let nix = try value(pair.source)
      return nix == pair.json ? nil : (pair.source, pair.json, nix)
    }
  }
}

@Suite(
  .enabled(
    if: NixInstantiate.path != nil, "nix-instantiate is not installed (Debian: nix-bin)"))
struct NixInstantiateTests {
  /// The recorded values of a file, asked of real Nix again.
  @Test(arguments: Vectors.names("", "cases")) func answersAreStillIts(_ file: String) throws {
    let pairs = Vectors.cases.compactMap { vector -> (source: String, json: String)? in
      guard vector.file == file, case .value(let json) = vector.answer else { return nil }
      return (vector.text, json)
    }
    for difference in try NixInstantiate.differences(pairs) {
      Issue.record("\(difference)")
    }
  }

  /// Random expressions, the same every time: both give the same values.
  @Test func generatedExpressionsAgree() throws {
    var generator = ExpressionGenerator(seed: 20_260_101)
    let expressions = (0..<300).map { _ in generator.expression() }
    let pairs = expressions.compactMap { source -> (source: String, json: String)? in
      let evaluator = Evaluator(world: LocalWorld())
      guard let value = try? evaluator.evaluate(source: source),
        let json = try? evaluator.json(value)
      else { return nil }
      return (source, json)
    }
    // Well-typed by construction, so nearly all have a value.
    #expect(pairs.count > 250)
    for difference in try NixInstantiate.differences(pairs) {
      Issue.record("\(difference)")
    }
  }
}
