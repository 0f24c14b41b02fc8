import Foundation
import Testing

@testable import NixExpression

/// Every expression that real Nix answered gets the same value here, or an error of the same kind, words and place.
@Suite struct VectorTests {
  @Test func allCasesAreThere() {
    #expect(Vectors.cases.count == 1994)
    #expect(Vectors.prints.count == 55)
    #expect(Vectors.later.count == 59)
    #expect(Vectors.names("manifests", "nix").count == 16)
    #expect(Vectors.names("refused", "nix").count == 4)
  }

  /// Where we point more exactly than Nix, which points at a set's first brace or at another turn of a cycle.
  private static let placesOfOurOwn: Set<String> = [
    #"builtins.getAttr "b" { a = 1; }"#,
    #"builtins.listToAttrs [ { name = "a"; } ]"#,
    #"builtins.listToAttrs [ { value = "a"; } ]"#,
    #"builtins.listToAttrs [ { name = 1; value = 2; } ]"#,
    #"builtins.getAttr "" { }"#, ##"{ inherit ${""}; }"##,
    #"builtins.findFile [ { prefix = "x"; } ] "x""#,
    "builtins.genericClosure { operator = x: [ ]; }",
    "{ inherit ({ }) a; }", "{ inherit (1) a; }", "{ inherit a; }",
    "rec { a = b; b = a; }",
  ]

  @Test(arguments: Vectors.names("", "cases")) func casesOfFile(_ file: String) {
    let cases = Vectors.cases.filter { $0.file == file }
    #expect(!cases.isEmpty)
    for vector in cases { check(vector) }
  }

  @Test func printedCases() {
    for vector in Vectors.prints {
      check(vector) { evaluator, value throws(NixError) in
        String(decoding: try evaluator.printed(value), as: UTF8.self)
      }
    }
  }

  @Test func casesOfLaterVersions() {
    for vector in Vectors.later { check(vector) }
  }

  /// Each name of `builtins` is in some case, and each operator.
  @Test func everyBuiltinHasACase() {
    let isPart = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'")
    var words: Set<Substring> = []
    for vector in Vectors.cases + Vectors.prints + Vectors.later {
      words.formUnion(vector.text.split { !isPart.contains($0) })
    }
    for builtin in BuiltinReference.all where !words.contains(builtin.name[...]) {
      Issue.record("no vector has \(builtin.name)")
    }
  }

  private func check(
    _ vector: Vectors.Case,
    _ written: (Evaluator, Value) throws(NixError) -> String = {
      evaluator, value throws(NixError) in try evaluator.json(value)
    }
  ) {
    let evaluator = Evaluator(world: LocalWorld())
    do throws(NixError) {
      let text = try written(evaluator, try evaluator.evaluate(source: vector.source))
      #expect(.value(text) == vector.answer, "\(vector.testDescription): \(vector.text)")
    } catch {
      guard case .error(let kind, let place, let message) = vector.answer else {
        Issue.record("\(vector.testDescription): \(vector.text): \(error)")
        return
      }
      let comment: Comment = "\(vector.testDescription): \(vector.text): \(error)"
      #expect(Self.name(error.code) == kind, comment)
      #expect(Self.comparable(error.message) == Self.comparable(message), comment)
      if place != "-", !Self.placesOfOurOwn.contains(vector.text) {
        #expect(error.place.map { "\($0.line):\($0.column)" } == place, comment)
      }
    }
  }

  private static func name(_ code: NixError.Code) -> String {
    if case .unavailable = code { "unavailable" } else { "\(code)" }
  }

  /// The part of a message that is Nix's to the letter.
  static func comparable(_ message: String) -> Substring {
    // Nix prints the assertion's condition from its tree, with parentheses of its own.
    if message.hasPrefix("assertion '") { return "assertion" }
    // Its TOML and JSON libraries have words of their own.
    if message.hasPrefix("while parsing a TOML string: ") { return "toml" }
    if message.hasPrefix("[json.") || message.hasPrefix("parsing JSON") { return "json" }
    let text = message.replacingOccurrences(of: Vectors.directory.path, with: "@HERE@")
    // What a parser would have accepted instead is its own affair.
    return text.hasPrefix("syntax error") ? text.prefix { $0 != "," } : text[...]
  }

  @Test(arguments: Vectors.names("manifests", "nix")) func manifest(_ name: String) throws {
    let directory = Vectors.directory.appending(path: "manifests")
    let evaluator = Evaluator(world: LocalWorld())
    let value = try evaluator.evaluate(file: directory.appending(path: name).path)
    let expected = directory.appending(path: name.replacing(".nix", with: ".json"))
    let json = try String(contentsOf: expected, encoding: .utf8)
    #expect(try evaluator.json(value) == json.trimmingCharacters(in: .newlines))
  }

  @Test(arguments: [
    ("fetchurl.nix", "builtins.fetchurl"), ("fetch-tarball.nix", "builtins.fetchTarball"),
    ("get-flake.nix", "builtins.getFlake"), ("tried.nix", "<nothing>"),
  ]) func whatNeedsNixIsNamed(_ name: String, _ construct: String) throws {
    let evaluator = Evaluator(world: LocalWorld())
    let path = Vectors.directory.appending(path: "refused/\(name)").path
    let error = try #require(throws: NixError.self) {
      try evaluator.json(try evaluator.evaluate(file: path))
    }
    #expect(error.code == .unavailable(construct))
    #expect(error.place?.file == path)
  }
}
