import Foundation
import NixExpression
import TestSupport
import Testing

/// Every case has the value, or the error, that it has with nixpkgs; and real Nix makes the same of our library.
@Suite struct ModuleSystemTests {
  @Test func allCasesAreThere() {
    #expect(ModuleSystemCases.files.count == 14)
    #expect(ModuleSystemCases.all.count == 854)
  }

  @Test(arguments: ModuleSystemCases.files) func casesOfFile(_ file: String) {
    // One evaluator for all, so that the library is read once.
    let evaluator = Evaluator(world: DiskWorld())
    for vector in ModuleSystemCases.cases(file) {
      do throws(NixError) {
        let value = try evaluator.evaluate(source: vector.source)
        let text = String(decoding: try evaluator.jsonBytes(value), as: UTF8.self)
        #expect(.value(text) == vector.answer, "\(vector.place): \(vector.text)")
      } catch {
        guard case .error(let kind, let parts) = vector.answer else {
          Issue.record("\(vector.place): \(vector.text): \(error)")
          continue
        }
        #expect("\(error.code)" == kind, "\(vector.place): \(vector.text): \(error)")
        #expect(says(error.message, parts), "\(vector.place): \(vector.text): \(error.message)")
      }
    }
  }

  /// Whether a message has all parts, one after the other.
  private func says(_ message: String, _ parts: [String]) -> Bool {
    var rest = message[...]
    for part in parts {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }

  // MARK: Real Nix

  @Test(
    .enabled(if: NixInstantiate.path != nil, "nix-instantiate is not installed (Debian: nix-bin)"))
  func realNixAgrees() throws {
    let values = ModuleSystemCases.all.compactMap { vector -> (String, String)? in
      guard case .value(let json) = vector.answer else { return nil }
      return (vector.source, json)
    }
    // What `tryEval` catches; of other errors a list of all would have none.
    let thrown = ModuleSystemCases.all.compactMap { vector -> (String, String)? in
      guard case .error("thrown", _) = vector.answer else { return nil }
      return (
        "(builtins.tryEval (builtins.deepSeq (\(vector.source)) true)).success", "false"
      )
    }
    let pairs = values + thrown
    #expect(values.count > 500)
    #expect(thrown.count > 200)
    let list = "[\n" + pairs.map { "(\n\($0.0)\n)\n" }.joined() + "]"
    if try answer(list) == "[\(pairs.map(\.1).joined(separator: ","))]" { return }
    for (source, json) in pairs {
      #expect(try answer(source) == json, "\(source)")
    }
  }

  private func answer(_ expression: String) throws -> String? {
    try NixInstantiate.json(expression, in: ModuleSystemCases.directory)
  }
}
