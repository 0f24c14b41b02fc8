import NixExpression
import SystemPackage
import Testing

@testable import Manifest

/// A world with a few files, and nothing else.
private struct FewFiles: EvaluationWorld {
  let files: [String: String]

  func readFile(_ path: String) throws(NixError) -> [UInt8] {
    guard let text = files[path] else { throw NixError(.io, "there is no \(path)") }
    return Array(text.utf8)
  }

  func kind(of path: String) throws(NixError) -> FileKind? {
    if files[path] != nil { return .regular }
    return files.keys.contains { $0.hasPrefix(path + "/") } ? .directory : nil
  }
}

@Suite struct ManifestTests {
  private func manifest(_ text: String, _ files: [String: String] = [:]) throws -> Manifest {
    let world = FewFiles(files: files.merging(["/r/secrets.nix": text]) { $1 })
    return try Manifest(contentsOf: "/r/secrets.nix", world: world)
  }

  @Test func rulesHaveNamesFilesAndKeys() throws {
    let manifest = try manifest(
      """
      let
        user = builtins.readFile ./keys/user.pub;
        all = [ user "age1xyz" ];
      in
      {
        "b/two.age" = { publicKeys = all; armor = true; unknown = throw "not asked"; };
        "one.age".publicKeys = [ user "" user "  " "age1xyz\\n\\nage1abc" ];
      }
      """, ["/r/keys/user.pub": "ssh-ed25519 AAAA user@host\n"])
    #expect(manifest.names == ["b/two.age", "one.age"])
    #expect(manifest.directory == "/r")
    let rules = try manifest.rules().map { try $0.get() }
    let user = "ssh-ed25519 AAAA user@host"
    #expect(
      rules == [
        Rule(
          name: "b/two.age", file: "/r/b/two.age", publicKeys: [user, "age1xyz"], isArmored: true),
        Rule(
          name: "one.age", file: "/r/one.age", publicKeys: [user, "age1xyz", "age1abc"],
          isArmored: false),
      ])
  }

  @Test func linesOfKeysAreWhatIsNotEmptyOnce() {
    let rule = Rule(
      name: "a", file: "/a", publicKeys: ["x\r\ny\n", "", "x", " \t\n", "z"], isArmored: false)
    #expect(rule.publicKeys == ["x", "y", "z"])
  }

  /// One rule is asked for, and what is wrong with the others is not seen.
  @Test func rulesAreEvaluatedWhenTheyAreAskedFor() throws {
    let manifest = try manifest(
      """
      {
        "good.age".publicKeys = [ "k" ];
        "throws.age" = throw "never";
        "loops.age".publicKeys = let x = x; in x;
        "text.age".publicKeys = "k";
        "number.age".publicKeys = [ 1 ];
        "armor.age" = { publicKeys = [ ]; armor = "yes"; };
        "none.age" = { };
        "../outside.age".publicKeys = [ "k" ];
      }
      """)
    #expect(try manifest.rule(named: "good.age").publicKeys == ["k"])
    let results = try manifest.rules()
    #expect(results.count == 8)
    for (name, result) in zip(manifest.names, results) where name != "good.age" {
      let expected: ManifestError.Code = name == "../outside.age" ? .outside : .evaluation
      #expect(throws: ManifestError(expected, "")) { try result.get() }
      #expect("\(result)".contains("rule '\(name)'"))
    }
  }

  @Test func aNameIsFoundHoweverItIsSpelled() throws {
    let manifest = try manifest(
      #"{ "a.age".publicKeys = [ ]; "./b/c.age".publicKeys = [ ]; "b/a.age".publicKeys = [ ]; }"#)
    func name(_ typed: String, from directory: FilePath = "/r") throws -> String {
      try manifest.name(of: typed, currentDirectory: directory)
    }
    #expect(try name("a.age") == "a.age")
    #expect(try name("./x/../a.age") == "a.age")
    #expect(try name("/r/a.age", from: "/elsewhere") == "a.age")
    #expect(try name("b/c.age") == "./b/c.age")
    #expect(try name("c.age", from: "/r/b") == "./b/c.age")
    // The current directory comes before the manifest's.
    #expect(try name("a.age", from: "/r/b") == "b/a.age")
    #expect(try name("a.age", from: "/elsewhere") == "a.age")
  }

  @Test(arguments: [
    ("secret.age", "did you mean 'secret1.age'?"),
    ("nested/secret1.age", "did you mean 'nested/secret2.age'?"),
    ("quite-another-thing", "add a rule with its public keys"),
  ])
  func whatHasNoRuleIsToldTheNearest(_ typed: String, _ hint: String) throws {
    let manifest = try manifest(
      #"{ "secret1.age".publicKeys = [ ]; "nested/secret2.age".publicKeys = [ ]; }"#)
    let error = #expect(throws: ManifestError(.noRule, "")) {
      try manifest.name(of: typed, currentDirectory: "/r")
    }
    #expect(error?.hint == hint)
    #expect(error?.reason == "there is no rule for \(typed) in /r/secrets.nix")
  }

  @Test func aRuleOutsideSaysSoWhenItIsAskedFor() throws {
    let manifest = try manifest(#"{ "../a.age".publicKeys = [ ]; }"#)
    #expect(throws: ManifestError(.outside, "")) {
      try manifest.name(of: "../a.age", currentDirectory: "/r")
    }
  }

  @Test(arguments: ["[ ]", "1", "throw \"no\"", "{", "", "import ./missing.nix", "x: x"])
  func whatIsNoSetOfRulesIsRefused(_ text: String) throws {
    let error = #expect(throws: ManifestError(.evaluation, "")) { try manifest(text) }
    #expect(error?.reason.hasPrefix("evaluate /r/secrets.nix: ") == true)
  }

  /// Such a manifest is given to Nix, so the code tells it from one that is wrong.
  @Test(arguments: [
    "import <nixpkgs> { }", "builtins.fetchTarball \"https://example.org/x\"",
    "import (builtins.fetchGit ./.)",
  ])
  func whatOnlyNixHasIsUnavailable(_ text: String) throws {
    let error = #expect(throws: ManifestError(.unavailable, "")) { try manifest(text) }
    #expect(error?.hint?.contains("nix-instantiate") == true)
    let lazily = try manifest(#"{ "a.age".publicKeys = [ ]; "b.age" = \#(text); }"#)
    #expect(try lazily.rule(named: "a.age").publicKeys == [])
    #expect(throws: ManifestError(.unavailable, "")) { try lazily.rules() }
  }

  // MARK: The way over JSON

  @Test func jsonGivesTheSameRules() throws {
    let text =
      #"{ "b.age" = { publicKeys = [ "k" "l" ]; armor = true; }; "a.age".publicKeys = [ ]; }"#
    let manifest = try manifest(text)
    let world = FewFiles(files: ["/r/secrets.nix": text])
    let evaluator = Evaluator(world: world)
    let function = try evaluator.evaluate(source: Manifest.asJSON, name: "json", directory: "/")
    let value = try evaluator.apply(
      function, to: evaluator.makeAttributes([("path", evaluator.makePath("/r/secrets.nix"))]))
    let fromJSON = try Manifest(json: try evaluator.json(value), at: "/r/secrets.nix")
    #expect(fromJSON.names == manifest.names)
    #expect(try fromJSON.rules() == manifest.rules())
  }

  @Test(arguments: ["", "{", "[ ]", "null", "{ \"a\": 1"])
  func badJSONIsRefused(_ json: String) {
    #expect(throws: ManifestError(.evaluation, "")) { try Manifest(json: json, at: "/r/x.nix") }
  }

  @Test func badRulesInJSONAreRefusedOneByOne() throws {
    let manifest = try Manifest(
      json: #"{"a":{"publicKeys":[1]},"b":{"publicKeys":[]}}"#, at: "/r/x")
    #expect(throws: ManifestError(.evaluation, "")) { try manifest.rule(named: "a") }
    #expect(try manifest.rule(named: "b").publicKeys == [])
  }
}
