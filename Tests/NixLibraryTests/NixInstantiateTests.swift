import Foundation
import TestSupport
import Testing

/// Real Nix, where it is installed, runs the library's sources, too.
@Suite(
  .enabled(
    if: NixInstantiate.path != nil, "nix-instantiate is not installed (Debian: nix-bin)"))
struct NixInstantiateTests {
  @Test func itGivesTheSameValues() throws {
    let pairs = Vectors.cases.compactMap { vector -> (text: String, json: String)? in
      guard case .value(let json) = vector.answer else { return nil }
      return (vector.text, json)
    }
    #expect(pairs.count > 350)
    let all = "[\n" + pairs.map { "(\n\($0.text)\n)\n" }.joined() + "]"
    if try NixInstantiate.value(all) == "[\(pairs.map(\.json).joined(separator: ","))]" { return }
    for pair in pairs {
      #expect(try NixInstantiate.value(pair.text) == pair.json, "\(pair.text)")
    }
  }

  @Test func itThrowsTheSameErrors() throws {
    let thrown = Vectors.cases.compactMap { vector -> String? in
      guard case .error("thrown", _) = vector.answer else { return nil }
      return vector.text
    }
    #expect(thrown.count > 40)
    let all = thrown.map { text in
      "(builtins.tryEval (let value = (\n\(text)\n); in builtins.deepSeq value value)).success\n"
    }
    let expected = "[" + thrown.map { _ in "false" }.joined(separator: ",") + "]"
    #expect(try NixInstantiate.value("[\n\(all.joined())]") == expected)
  }
}

extension NixInstantiate {
  /// The JSON of an expression that sees the library; nil if it has no value.
  fileprivate static func value(_ expression: String) throws -> String? {
    try json(
      "let lib = import \(EmbeddingTests.sources.path)/lib; in (\n\(expression)\n)",
      in: Vectors.directory)
  }
}
