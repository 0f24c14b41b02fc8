import Foundation
import NixExpression
import NixLibrary
import Testing

/// Every function of the library gives what nixpkgs' gives.
@Suite struct LibraryTests {
  @Test func allCasesAreThere() {
    #expect(Vectors.cases.count == 450)
    #expect(Vectors.files.count == 7)
  }

  @Test(arguments: Vectors.files) func casesOfFile(_ file: String) {
    // One evaluator for all, which an error does not harm: each would parse the library again.
    let evaluator = Evaluator(world: LibraryWorld())
    for vector in Vectors.cases where vector.file == file { check(vector, evaluator) }
  }

  private func check(_ vector: Vectors.Case, _ evaluator: Evaluator) {
    let comment = Comment(rawValue: vector.description)
    do throws(NixError) {
      let json = try evaluator.json(
        try evaluator.evaluate(source: "let lib = import <nixpkgs/lib>; in (\n\(vector.text)\n)"))
      guard case .value(let expected) = vector.answer else {
        Issue.record("\(vector.description): \(json)")
        return
      }
      #expect(json == expected, comment)
    } catch {
      guard case .error(let kind, let message) = vector.answer else {
        Issue.record("\(vector.description): \(error)")
        return
      }
      #expect("\(error.code)".prefix { $0 != "(" } == kind, comment)
      if message.hasSuffix("*") {
        #expect(error.message.hasPrefix(message.dropLast()), comment)
      } else if !message.isEmpty {
        #expect(error.message == message, comment)
      }
    }
  }

  /// The names at the top of the library that the module system gives it, which has cases of its own.
  private func namesOfModules() throws -> Set<String> {
    let source = try String(
      contentsOf: EmbeddingTests.sources.appending(path: "lib/default.nix"), encoding: .utf8)
    var names: Set<String> = []
    for part in ["modules", "options", "types"] {
      let start = try #require(source.range(of: "inherit (lib.\(part))"))
      let list = source[start.upperBound...].prefix { $0 != ";" }
      names.formUnion(list.split { $0.isWhitespace }.map(String.init))
    }
    return names
  }

  @Test func everyFunctionHasACase() throws {
    let evaluator = Evaluator(world: LibraryWorld())
    let library = try evaluator.evaluate(source: "import <nixpkgs/lib>")
    let ofModules = try namesOfModules()
    #expect(ofModules.count > 40)
    let text = Vectors.cases.map(\.text).joined(separator: "\n") + "\n"
    var functions = 0
    for name in try evaluator.attributeNames(library) where !ofModules.contains(name) {
      guard try evaluator.type(of: evaluator.select(library, [name])) == .lambda else { continue }
      functions += 1
      let isUsed = text.ranges(of: "lib.\(name)").contains { range in
        let next = text[range.upperBound]
        return !(next.isLetter || next.isNumber || "'_-.".contains(next))
      }
      #expect(isUsed, "lib.\(name)")
    }
    #expect(functions > 300)
  }

  @Test func aFileIsReadWhenItIsNeeded() throws {
    let world = LibraryWorld()
    let evaluator = Evaluator(world: world)
    _ = try evaluator.json(
      try evaluator.evaluate(source: "(import <nixpkgs/lib>).optional true 1"))
    #expect(
      world.read == ["/__nixpkgs__/lib/default.nix", "/__nixpkgs__/lib/lists.nix"])
  }

  @Test(arguments: ["hosts", "nixpkgs", "nixpkgs-lib"]) func manifest(_ name: String) throws {
    let evaluator = Evaluator(world: LibraryWorld())
    let file = Vectors.directory.appending(path: "manifests/\(name)")
    let value = try evaluator.evaluate(file: file.appendingPathExtension("nix").path)
    let expected = try String(contentsOf: file.appendingPathExtension("json"), encoding: .utf8)
    #expect(try evaluator.json(value) + "\n" == expected)
  }

  @Test func nixpkgsIsTheLibrary() throws {
    let evaluator = Evaluator(world: LibraryWorld())
    let source = """
      let pkgs = import <nixpkgs> { system = "riscv64-linux"; }; in
      [ (pkgs.lib.trim " x ") pkgs.system (builtins.attrNames pkgs) (with pkgs; lib.id 1) (pkgs ? hello) ]
      """
    #expect(
      try evaluator.json(evaluator.evaluate(source: source))
        == #"["x","riscv64-linux",["lib","system"],1,true]"#)
  }

  @Test(arguments: [
    "(import <nixpkgs> { }).hello", "with import <nixpkgs> { }; hello",
    "(import <nixpkgs> { }).hello.name or 1", "builtins.getAttr \"hello\" (import <nixpkgs> { })",
  ]) func aPackageNeedsNix(source: String) throws {
    let evaluator = Evaluator(world: LibraryWorld())
    let error = try #require(throws: NixError.self) { try evaluator.evaluate(source: source) }
    #expect(error.code == .unavailable("the package hello"))
    #expect(error.message == "the package hello needs nixpkgs, and only its lib is here")
  }

  @Test func warningsAndTracesAreShown() throws {
    let world = LibraryWorld()
    let evaluator = Evaluator(world: world)
    let source = """
      let lib = import <nixpkgs/lib>; in lib.warn "one" (lib.info "two" (lib.traceVal (lib.traceSeqN 1 {
        a.b = 1; l = [ ]; s = "x";
      } (lib.warnIf false "none" (lib.traceValFn (x: "n ${toString x}") 3)))))
      """
    _ = try evaluator.json(evaluator.evaluate(source: source))
    #expect(
      world.traced == [
        "evaluation warning: one", "INFO: two", "{\n  a = {…};\n  l = […];\n  s = \"x\";\n}", "n 3",
        "3",
      ])
  }
}
