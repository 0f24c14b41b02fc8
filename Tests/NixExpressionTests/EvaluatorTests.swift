import Foundation
import Testing

@testable import NixExpression

/// What other targets use: values from both sides, places and traces, files, the denied world.
@Suite struct EvaluatorTests {
  let evaluator = Evaluator()

  private func failure(_ source: String, _ world: any EvaluationWorld = ClosedWorld()) -> NixError?
  {
    let evaluator = Evaluator(world: world)
    do throws(NixError) {
      _ = try evaluator.json(try evaluator.evaluate(source: source))
      return nil
    } catch {
      return error
    }
  }

  @Test func accessors() throws {
    let value = try evaluator.evaluate(
      source: """
        { b = true; i = 1; f = 1.5; s = "x"; p = /a/../b; n = null; l = [ 1 2 ]; g = { x, y ? 1 }: x; }
        """)
    func attribute(_ name: String) throws -> Value { try evaluator.select(value, [name]) }
    #expect(try evaluator.bool(attribute("b")))
    #expect(try evaluator.int(attribute("i")) == 1)
    #expect(try evaluator.float(attribute("f")) == 1.5)
    #expect(try evaluator.float(attribute("i")) == 1)
    #expect(try evaluator.string(attribute("s")) == "x")
    #expect(try evaluator.path(attribute("p")) == "/b")
    #expect(try evaluator.isNull(attribute("n")))
    #expect(try evaluator.list(attribute("l")).count == 2)
    #expect(try evaluator.attributeNames(value) == ["b", "f", "g", "i", "l", "n", "p", "s"])
    #expect(try evaluator.type(of: attribute("g")) == .lambda)
    let formals = try #require(try evaluator.formals(of: attribute("g")))
    #expect(formals.map(\.name) == ["x", "y"])
    #expect(formals.map(\.hasDefault) == [false, true])
    #expect(try evaluator.attribute("none", of: value) == nil)
    #expect(throws: NixError(.missingAttribute, "")) { try evaluator.select(value, ["l2"]) }
    #expect(throws: NixError(.type, "")) { try evaluator.bool(attribute("i")) }
  }

  @Test func hostValues() throws {
    let function = try evaluator.evaluate(
      source: "{ config, add, lazy, ... }@args: { sum = add 1 config.n; inherit (args) lazy; }")
    var forced = 0
    let add = evaluator.makeFunction("add", arity: 2) { evaluator, arguments throws(NixError) in
      .int(try evaluator.int(arguments[0]) + evaluator.int(arguments[1]))
    }
    let lazy = evaluator.makeLazy { evaluator throws(NixError) in
      forced += 1
      return evaluator.makeString("computed")
    }
    let argument = evaluator.makeAttributes([
      ("config", evaluator.makeAttributes([("n", .int(41))])), ("add", add), ("lazy", lazy),
      ("list", evaluator.makeList([.null])),
    ])
    let result = try evaluator.apply(function, to: argument)
    #expect(forced == 0)
    #expect(try evaluator.json(result) == #"{"lazy":"computed","sum":42}"#)
    #expect(try evaluator.json(result) == #"{"lazy":"computed","sum":42}"#)
    #expect(forced == 1)
  }

  /// A module's fixpoint, tied in Swift: `config` is what the function itself returns.
  @Test func fixpoint() throws {
    let function = try evaluator.evaluate(
      source: "{ config, ... }: { a = config.b + 1; b = 1; c = config.missing; }")
    var result: Value?
    let config = evaluator.makeLazy { _ throws(NixError) in
      guard let result else { throw NixError(.argument, "too early") }
      return result
    }
    result = try evaluator.apply(function, to: evaluator.makeAttributes([("config", config)]))
    let value = try #require(result)
    #expect(try evaluator.int(evaluator.select(value, ["a"])) == 2)
    #expect(throws: NixError(.missingAttribute, "")) { try evaluator.select(value, ["c"]) }
  }

  @Test func runIsOneThread() throws {
    try evaluator.run { () throws(NixError) in
      for number in 0..<1000 {
        let value = try evaluator.evaluate(source: "\(number) + 1")
        guard try evaluator.int(value) == number + 1 else {
          throw NixError(.argument, "\(number)")
        }
      }
    }
  }

  @Test func traceIsTheChain() throws {
    let world = MemoryWorld(files: [
      "/m/secrets.nix":
        "let\n  lib = import ./lib.nix;\nin\n{\n  a.keys = [ (lib.key \"x\") ];\n}\n",
      "/m/lib.nix": "{\n  key = name:\n    name.missing;\n}\n",
    ])
    let evaluator = Evaluator(world: world)
    let value = try evaluator.evaluate(file: "/m/secrets.nix")
    let error = try #require(throws: NixError.self) { try evaluator.json(value) }
    #expect(error.message == "value is a string while a set was expected")
    #expect(error.description == "\(error.message), at /m/lib.nix:3:5")
    let trace = error.trace.map { "\($0.message) at \($0.place?.description ?? "-")" }
    #expect(
      trace == [
        "while evaluating 'key' at /m/lib.nix:2:9",
        "from call site at /m/secrets.nix:5:15",
        "while evaluating the attribute 'keys' at /m/secrets.nix:5:3",
        "while evaluating the attribute 'a' at /m/secrets.nix:5:3",
      ])
  }

  @Test func longTracesAreCut() throws {
    let error = try #require(
      failure("let f = n: if n == 0 then throw \"x\" else f (n - 1); in f 5000"))
    #expect(error.code == .thrown)
    #expect(error.trace.count == NixError.maximumFrames)
  }

  @Test func placesOfAttributes() throws {
    let value = try evaluator.evaluate(source: "{\n  a = 1;\n}", name: "/x.nix")
    #expect(try evaluator.place(of: "a", in: value)?.description == "/x.nix:2:3")
    #expect(try evaluator.place(of: "b", in: value) == nil)
  }

  @Test(arguments: [
    "builtins.readFile /etc/passwd", "builtins.readDir /.", "builtins.pathExists /.", "import /x",
    "~/x",
  ]) func deniedWorld(_ source: String) {
    #expect(failure(source)?.code == .io)
  }

  @Test func deniedEnvironment() throws {
    #expect(try evaluator.string(evaluator.evaluate(source: "builtins.getEnv \"HOME\"")) == "")
  }

  @Test func importedOnce() throws {
    final class CountingWorld: EvaluationWorld {
      var reads = 0
      func readFile(_ path: String) throws(NixError) -> [UInt8] {
        reads += 1
        return Array("builtins.trace \"evaluated\" { f = x: x; }".utf8)
      }
      func kind(of path: String) throws(NixError) -> FileKind? {
        path == "/link" ? .symlink : .regular
      }
      func symbolicLinkTarget(of path: String) throws(NixError) -> String { "d/../file" }
      var traced = 0
      func trace(_ message: String) { traced += 1 }
    }
    let world = CountingWorld()
    let evaluator = Evaluator(world: world)
    let value = try evaluator.evaluate(
      source: "[ (import /file) (import /d/../file) (import /link) ] == [ 1 2 3 ]")
    #expect(try evaluator.bool(value) == false)
    _ = try evaluator.json(
      evaluator.evaluate(source: "map (f: (import f) ? f) [ /file /link ]"))
    #expect(world.reads == 1)
    #expect(world.traced == 1)
  }

  @Test func importOfItself() {
    let world = MemoryWorld(files: ["/self.nix": "1 + import ./self.nix"])
    #expect(failure("import /self.nix", world)?.code == .depth)
    let lazy = MemoryWorld(files: ["/self.nix": "{ a = 1; b = (import ./self.nix).a; }"])
    #expect(failure("(import /self.nix).b", lazy) == nil)
  }

  /// Nothing that a host gives the evaluator keeps it alive.
  @Test func evaluatorIsReleased() throws {
    weak var released: Evaluator?
    do {
      let evaluator = Evaluator()
      released = evaluator
      let function = evaluator.makeFunction("f") { evaluator, value throws(NixError) in
        evaluator.makeList([value, value])
      }
      let value = try evaluator.evaluate(source: "f: rec { a = f b; b = a; c = x: a; }")
      let result = try evaluator.apply(value, to: function)
      _ = try evaluator.select(result, ["a"])
    }
    #expect(released == nil)
  }

  /// Nor do expressions keep the memory that they lie in, also where they have no value.
  @Test(arguments: [
    "{ a = 1; } // rec { b = 2; }", "undefined // { }", "\"${{ }}\"",
    "[ { a.b = 1; } (let c = 2; in c) ]",
    "({ a, b ? { } }: [ a b ]) { a = { }; }", "{ a = { ", "with { x = 1; }; x + { }",
  ]) func syntaxIsReleased(_ source: String) throws {
    weak var released: SyntaxMemory?
    do {
      let evaluator = Evaluator()
      released = evaluator.memory
      _ = try? evaluator.json(evaluator.evaluate(source: source))
    }
    #expect(released == nil)
  }

  @Test func searchPath() throws {
    let world = LocalWorld(searchPath: [
      SearchPathEntry(prefix: "files", path: Vectors.directory.appending(path: "files").path),
      SearchPathEntry(prefix: "", path: Vectors.directory.path),
    ])
    let evaluator = Evaluator(world: world)
    for source in ["import <files/value.nix>", "import <manifests/../files/value.nix>"] {
      #expect(
        try evaluator.int(evaluator.select(evaluator.evaluate(source: source), ["answer"])) == 42)
    }
    let prefix = try evaluator.evaluate(source: "(builtins.head builtins.nixPath).prefix")
    #expect(try evaluator.string(prefix) == "files")
    #expect(failure("<nixpkgs>", world)?.code == .unavailable("<nixpkgs>"))
    #expect(failure("let __nixPath = [ ]; in <files>", world)?.code == .unavailable("<files>"))
  }

  @Test func traces() throws {
    let world = LocalWorld()
    let evaluator = Evaluator(world: world)
    for message in ["\"text\"", "{ b = 1; a = [ 1.5 \"q\\\"\" null ]; f = x: x; }"] {
      _ = try evaluator.evaluate(source: "builtins.trace (\(message)) 1")
    }
    #expect(
      world.traced == ["text", #"{ a = <CODE>; b = 1; f = <LAMBDA>; }"#])
  }

  /// Paths stay the paths they are: nothing is copied to a store.
  @Test(arguments: [
    ("\"${/a/b}\"", #""/a/b""#), ("builtins.toJSON /a", #""\"/a\"""#), ("[ /a/../b ]", #"["/b"]"#),
    ("builtins.stringLength /abc", "4"), ("{ p = ./x; }", #"{"p":"/base/x"}"#),
    ("\"${./x + \"/../y\"}\"", #""/base/y""#),
  ]) func pathsAreNotCopied(_ source: String, _ json: String) throws {
    let value = try evaluator.evaluate(source: source, directory: "/base")
    #expect(try evaluator.json(value) == json)
  }

  /// Newer than Nix 2.8, so that it cannot be asked.
  @Test(arguments: [
    ("1 |> builtins.add 2", "3"), ("[ 1 2 ] |> map (x: x + 1) |> builtins.length", "2"),
    ("builtins.add 1 <| 2 * 3", "7"), ("builtins.head <| map (x: x) <| [ 5 ]", "5"),
    ("1 |> (x: x + 1) |> toString", #""2""#), ("{ a = 1; } ? a |> builtins.toJSON", #""true""#),
    ("false -> true |> toString", #""1""#),
  ]) func pipes(_ source: String, _ json: String) throws {
    #expect(try evaluator.json(evaluator.evaluate(source: source)) == json)
  }

  @Test(arguments: ["1 |> f <| 2", "f <| 1 |> g", "1 |>", "|> f"]) func mixedPipes(_ source: String)
  {
    #expect(failure(source)?.code == .syntax)
  }

  /// A set that is merged keeps its dynamic attributes, which Nix 2.8 loses.
  @Test func mergedDynamicAttributes() throws {
    let value = try evaluator.evaluate(source: "{ a = { x = 1; }; a = { ${\"y\" + \"\"} = 2; }; }")
    #expect(try evaluator.json(value) == #"{"a":{"x":1,"y":2}}"#)
  }

  @Test func positionsOfText() throws {
    #expect(try evaluator.json(evaluator.evaluate(source: "__curPos")) == "null")
    let world = MemoryWorld(files: ["/p.nix": "{ here =\n  __curPos; }"])
    let evaluator = Evaluator(world: world)
    let here = try evaluator.select(evaluator.evaluate(file: "/p.nix"), ["here"])
    #expect(try evaluator.json(here) == #"{"column":3,"file":"/p.nix","line":2}"#)
  }

  @Test func bytesThatAreNotText() throws {
    let source: [UInt8] = [0x22, 0xff, 0xc3, 0x22]
    let value = try evaluator.evaluate(source: source)
    #expect(try evaluator.bytes(value) == [0xff, 0xc3])
    #expect(try evaluator.jsonBytes(value) == source)
    let match = try evaluator.evaluate(source: Array("builtins.match \"(.).\" ".utf8) + source)
    #expect(try evaluator.bytes(evaluator.list(match)[0]) == [0xff])
    let zero = try #require(throws: NixError.self) { try evaluator.evaluate(source: [0x31, 0]) }
    #expect(zero.code == .syntax)
    #expect(failure("builtins.fromJSON \"\\\"\\\\u0000\\\"\"")?.code == .argument)
    let world = MemoryWorld(files: ["/zero": "a\0b"])
    #expect(failure("builtins.readFile /zero", world)?.code == .argument)
  }

  /// The reference lists what `builtins` has: as many arguments as each takes, and one sentence about it.
  @Test func referenceIsComplete() throws {
    let value = try evaluator.evaluate(source: "builtins")
    let all = BuiltinReference.all
    #expect(
      (all.map(\.name) + ["builtins"]).sorted() == (try evaluator.attributeNames(value)))
    for builtin in all {
      #expect(builtin.summary.hasSuffix("."), "\(builtin.name)")
      let text = "\(builtin.isGlobal ? "" : "builtins.")\(builtin.name)"
      if builtin.name == "currentTime" { continue }
      switch try evaluator.evaluate(source: text) {
      case .primitive(let primitive):
        #expect(primitive.arity == builtin.arguments.count, "\(builtin.name)")
      default: #expect(builtin.arguments.isEmpty, "\(builtin.name)")
      }
    }
    let warn = try #require(all.first { $0.name == "warn" })
    #expect(warn.availability == .since("2.23"))
    #expect(warn.arguments == ["message", "value"])
    #expect(all.first { $0.name == "storePath" }?.availability == .onlyInNix)
  }

  @Test func worldsThatDenyHashes() {
    #expect(
      failure("builtins.hashString \"md5\" \"\"")?.message
        == "md5 hashes: this evaluation may not hash")
    #expect(failure("placeholder \"out\"")?.code == .unavailable("sha256 hashes"))
  }

  @Test(arguments: ["1979-05-27T07:32:00Z", "1979-05-27 07:32:00", "1979-05-27", "07:32:00.5"])
  func datesOfTOMLAreNamed(_ date: String) {
    #expect(
      failure("builtins.fromTOML \"a = \(date)\"")?.message
        == "while parsing a TOML string: Dates and times are not supported")
  }

  @Test func timeIsTheWorlds() throws {
    struct World: EvaluationWorld {
      var currentTime: Int64? { 1_700_000_000 }
    }
    let evaluator = Evaluator(world: World())
    #expect(
      try evaluator.json(evaluator.evaluate(source: "builtins.currentTime")) == "1700000000")
  }

  @Test func warnings() throws {
    let world = LocalWorld()
    let evaluator = Evaluator(world: world)
    _ = try evaluator.evaluate(source: #"builtins.warn "careful" 1"#)
    #expect(world.traced == ["evaluation warning: careful"])
  }
}
