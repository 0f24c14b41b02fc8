import Testing

@testable import NixExpression

/// Every limit, just within and just beyond: beyond is an error that names it, never a crash.
@Suite struct LimitTests {
  private func code(
    of source: String, _ change: (inout Limits) -> Void = { _ in }
  ) -> NixError.Code? {
    var limits = Limits()
    change(&limits)
    let evaluator = Evaluator(limits: limits)
    do throws(NixError) {
      _ = try evaluator.json(try evaluator.evaluate(source: source))
      return nil
    } catch {
      return error.code
    }
  }

  @Test(arguments: [
    "let x = x; in x", "rec { a = b; b = a; }.a", "let f = { a ? b, b ? a }: a; in f { }",
    "let x = { y = x.y; }; in x.y", "let l = [ (builtins.head l) ]; in builtins.head l",
    "let x = \"${x}\"; in x", "let x = 1 + x; in x",
    "let x = builtins.toJSON x; in x", "let x = if x then 1 else 2; in x",
  ]) func infiniteRecursion(_ source: String) {
    #expect(code(of: source) == .infiniteRecursion)
  }

  /// Copies that no string counts.
  @Test(arguments: [
    "let f = p: n: if n == 0 then p else f (p + p) (n - 1); in f /ab 20",
    "let f = p: n: if n == 0 then p else f /x/${toString p}${toString p} (n - 1); in f /ab 20",
  ]) func pathsAreAsLimitedAsStrings(_ source: String) {
    #expect(
      code(of: "builtins.stringLength (toString (\(source)))") { $0.stringBytes = 1 << 16 }
        == .limit)
  }

  @Test(arguments: [
    "builtins.unsafeDiscardStringContext s", "builtins.dirOf s",
    "builtins.toPath s", "builtins.split \",\" s",
  ]) func everyCopyIsCounted(_ copy: String) {
    let source = """
      let double = s: n: if n == 0 then s else double (s + s) (n - 1); s = double "/a" 16;
      in builtins.length (builtins.filter (i: builtins.seq (\(copy)) true) (builtins.genList (i: i) 200))
      """
    #expect(code(of: source) { $0.memory = 4 << 20 } == .limit)
    #expect(code(of: source) { $0.memory = 256 << 20 } == nil)
  }

  @Test func whatIsSharedIsPrintedInBounds() throws {
    let source = """
      let f = n: if n == 0 then [ ] else let x = f (n - 1); in builtins.seq x [ x x ]; v = f 60;
      in builtins.seq v (builtins.trace v 1)
      """
    #expect(code(of: source) == nil)
  }

  /// Recursion without end through every construct that recurses, at the full depth of this build.
  @Test(arguments: [
    "let f = x: f (x + 1); in f 0",
    "let f = x: 1 + f (x + 1); in f 0",
    "let f = { x }: f { x = x + 1; }; in f { x = 0; }",
    "let f = x: if x < 0 then 0 else f (x + 1); in f 0",
    "let f = x: [ (f x) ]; in f 0",
    "let f = x: { a = f x; }; in f 0",
    "let f = x: builtins.deepSeq (f x) 1; in f 0",
    "let f = x: builtins.toJSON (f x); in f 0",
    "let f = x: \"${f x}\"; in f 0",
    "let f = x: builtins.head (map f [ x ]); in f 0",
    "let f = x: builtins.foldl' (a: b: f b) 0 [ x ]; in f 0",
    "let f = x: builtins.concatMap f [ x ]; in f 0",
    "let f = x: builtins.sort (a: b: f a) [ x x ]; in f 0",
    "let f = x: with { a = f x; }; a; in f 0",
    "let f = x: assert f x; 1; in f 0",
    "let f = x: (f x).a or 1; in f 0",
    "let f = x: f x == f x; in f 0",
    "let f = x: f x // f x; in f 0",
    "let f = x: builtins.tryEval (f x); in f 0",
    "let f = { __functor = self: x: self x; }; in f 0",
    "let f = { __toString = self: \"${f}\"; }; in toString f",
    "let x = { outPath = x; }; in toString x",
    "let a = [ a ]; b = [ b ]; in a == b",
    "let a = { x = a; }; in toString (a // { y = a; }).x",
    "let a = [ a ]; in builtins.toJSON a",
    "let a = [ a ]; in toString a",
    "let a = [ a ]; b = [ b ]; in a < b",
    "let f = x: f x; in [ 1 ] == f 0",
  ]) func endlessRecursion(_ source: String) {
    let code = code(of: source) { $0.depth = 10_000 }
    #expect([.depth, .infiniteRecursion, .type].contains(code), "\(source): \(code as Any)")
  }

  /// The full depth fits onto the stack, also with the larger frames of a debug build.
  @Test(arguments: [
    "let f = x: 1 + f (x + 1); in f 0",
    "let f = { x, ... }@a: if a ? y then 0 else \"${f (a // { x = x + 1; })}\"; in f { x = 0; }",
    "let f = x: builtins.sort (a: b: f a) [ x x ]; in f 0",
    "let a = [ a ]; in builtins.toJSON a",
  ]) func fullDepth(_ source: String) { #expect(code(of: source) == .depth) }

  /// What goes on without nesting ends too.
  @Test func endlessLoop() {
    let closure = """
      builtins.genericClosure {
        startSet = [ { key = 0; } ];
        operator = x: [ { key = x.key + 1; } ];
      }
      """
    #expect(code(of: closure) { $0.steps = 100_000 } == .limit)
    #expect(code(of: closure) { $0.memory = 1 << 20 } == .limit)
    #expect(code(of: closure) { $0.listElements = 1000 } == .limit)
  }

  @Test func depth() {
    let source = "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f"
    #expect(code(of: "\(source) 60000") == nil)
    #expect(code(of: "\(source) 90") { $0.depth = 100 } == nil)
    #expect(code(of: "\(source) 110") { $0.depth = 100 } == .depth)
  }

  @Test(arguments: ["(", "[", "{ a = ", "-", "!", "x: ", "\"${", "if true then ", "true -> "])
  func nesting(_ opening: String) {
    let closings = [
      "(": ")", "[": "]", "{ a = ": ";}", "\"${": "}\"", "if true then ": " else 1",
    ]
    func nested(_ count: Int) -> String {
      let inner = opening == "!" || opening.hasSuffix("-> ") ? "true" : "\"\""
      return String(repeating: opening, count: count) + (opening == "-" ? "1" : inner)
        + String(repeating: closings[opening] ?? "", count: count)
    }
    // A level may count more than once; within a fifth of the limit all of them work.
    let within = code(of: nested(2000))
    #expect(within == nil || opening == "x: ", "\(within as Any)")
    #expect(code(of: nested(30)) { $0.nesting = 10 } == .limit)
    #expect(code(of: nested(20_000)) == .limit)
  }

  /// A chain is no nesting, however long.
  @Test func chains() {
    let count = 20_000
    #expect(code(of: "0" + String(repeating: " + 1", count: count)) == nil)
    #expect(code(of: "[ ]" + String(repeating: " ++ [ 1 ]", count: 1000)) == nil)
    #expect(code(of: "{ }" + String(repeating: " // { }", count: count)) == nil)
    #expect(code(of: "true" + String(repeating: " && true", count: count)) == nil)
    #expect(code(of: "{ }" + String(repeating: ".a", count: count) + " or 1") == nil)
    let curried = "let f = { __functor = self: x: self; a = 1; }; in (f"
    #expect(code(of: curried + String(repeating: " 1", count: count) + ").a") == nil)
  }

  @Test func sizes() {
    let big = "builtins.concatStringsSep \"\" (builtins.genList (i: \"0123456789\") 1000)"
    #expect(code(of: big) { $0.stringBytes = 10_002 } == nil)
    #expect(code(of: "builtins.stringLength (\(big))") { $0.stringBytes = 9_999 } == .limit)
    #expect(code(of: "builtins.genList (i: i) 100") { $0.listElements = 100 } == nil)
    #expect(code(of: "builtins.genList (i: i) 101") { $0.listElements = 100 } == .limit)
    #expect(code(of: "builtins.genList (i: i) 9223372036854775807") == .limit)
    #expect(code(of: "[ 1 ] ++ [ 2 ]") { $0.listElements = 1 } == .limit)
    #expect(code(of: "12345") { $0.sourceBytes = 5 } == nil)
    #expect(code(of: "123456") { $0.sourceBytes = 5 } == .limit)
    let doubling = "let f = s: n: if n == 0 then 1 else f (s + s) (n - 1); in f \"aaaa\" 60"
    #expect(code(of: doubling) == nil)
    let forced = doubling.replacing("then 1", with: "then builtins.stringLength s")
    #expect(code(of: forced) { $0.stringBytes = 1 << 20 } == .limit)
    let replaced = "builtins.replaceStrings [ \"\" ] [ \"aaaaaaaaaa\" ] \"0123456789\""
    #expect(code(of: replaced) { $0.stringBytes = 50 } == .limit)
  }

  @Test func regularExpressions() {
    let long =
      "builtins.match (builtins.concatStringsSep \"\" (builtins.genList (i: \"a\") 20000)) \"\""
    #expect(code(of: long) == .limit)
    let repeated = "builtins.match \"((((a{200}){200}){200}){200})*\" \"a\""
    #expect(code(of: repeated) == .limit)
    let nested = String(repeating: "(", count: 600) + String(repeating: ")", count: 600)
    #expect(code(of: "builtins.match \"\(nested)\" \"\"") == .limit)
    #expect(code(of: "builtins.match \"\(nested.dropFirst(150).dropLast(150))\" \"\"") == nil)
  }

  /// What a pattern tries counts as steps, and what it keeps in mind as memory, in the midst of a search too.
  @Test(arguments: ["match", "split"])
  func theWorkOfRegularExpressionsIsCounted(function: String) throws {
    func source(_ doublings: Int, _ pattern: String) -> String {
      """
      let double = s: n: if n == 0 then s else double (s + s) (n - 1);
      in builtins.deepSeq (builtins.\(function) "\(pattern)" (double "a" \(doublings))) 1
      """
    }
    for pattern in ["(a|aa)*b", "((a*)*)*b", "(.*)(.*)(.*)(.*)b"] {
      #expect(code(of: source(9, pattern)) == nil, "\(pattern)")
      #expect(code(of: source(12, pattern)) { $0.steps = 1_000 } == .limit, "\(pattern)")
    }
    #expect(code(of: source(9, "(a?){50}a{50}b")) == nil)
    // The work grows with the length of the text, not with its square.
    #expect(code(of: source(12, "(.*)(a|b)*x")) { $0.steps = 60_000 } == nil)
    #expect(code(of: source(13, "(a|b)*")) { $0.memory = 1 << 20 } == .limit)
    #expect(code(of: source(13, "(a|b)*")) { $0.memory = 16 << 20 } == nil)
  }

  /// Builtins that look through much at once, without a call for each: many of them take steps all the same.
  @Test func workWithoutCallsIsCounted() throws {
    struct World: EvaluationWorld {
      func readFile(_ path: String) throws(NixError) -> [UInt8] {
        [UInt8](repeating: 0x20, count: 1 << 16) + [0x31]
      }
      func kind(of path: String) throws(NixError) -> FileKind? { .regular }
      func hash(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(NixError) -> [UInt8] { [0] }
    }
    let values = """
      rec {
        double = s: n: if n == 0 then s else double (s + s) (n - 1);
        s = double "aaaa" 14 + "b"; t = double "aaaa" 14 + "c"; blank = double " " 16 + "1";
        l = builtins.genList (i: i + 1) 2000; m = map (i: i) l; e = map (i: [ ]) l;
        empty = map (i: "") l; names = map (i: "n${toString i}") l; sets = map (i: { }) l;
        set = builtins.listToAttrs (map (name: { inherit name; value = 1; }) names);
        values = [ s t blank l m e empty names sets set ];
      }
      """
    let sources = [
      "s == t", "s < t", "builtins.elem 0 l", "builtins.concatLists e",
      #"builtins.concatStringsSep "" empty"#, "toString e", #"builtins.catAttrs "x" sets"#,
      #"removeAttrs set [ "x" ]"#, "removeAttrs { } names", "builtins.intersectAttrs { } set",
      "builtins.sort builtins.lessThan l", "l == m", #"builtins.replaceStrings [ "b" ] [ "" ] s"#,
      "builtins.compareVersions s t", "builtins.splitVersion s", "baseNameOf s", "dirOf s",
      #"builtins.hashString "md5" s"#, "builtins.fromJSON blank", "builtins.fromTOML blank",
      #"builtins.match "a*" s"#, #"builtins.split "b" s"#, "builtins.toXML l",
      "builtins.readFile /big", #"builtins.hashFile "md5" /big"#, "scopedImport { } /big",
      "builtins.trace l 1",
    ]
    let evaluator = Evaluator(world: World())
    let given = try evaluator.evaluate(source: values)
    try evaluator.forceDeeply(evaluator.select(given, ["values"]))
    for source in sources {
      let function = try evaluator.evaluate(source: "values: with values; \(source)")
      let before = evaluator.remainingSteps
      do throws(NixError) {
        _ = try evaluator.apply(function, to: given)
      } catch {
        // A blank text is no TOML, which it takes as long to see.
        #expect(error.code == .argument)
      }
      #expect(before - evaluator.remainingSteps > 60, "\(source)")
    }
  }

  @Test(arguments: [
    "builtins.toXML (let f = n: if n == 0 then 1 else [ (f (n - 1)) ]; in f 2000)",
    "builtins.fromTOML (\"a = \" + builtins.concatStringsSep \"\" (builtins.genList (i: \"[\") 2000))",
    "builtins.fromTOML (\"a\" + builtins.concatStringsSep \"\" (builtins.genList (i: \"={a\") 2000))",
    "builtins.fromJSON (builtins.concatStringsSep \"\" (builtins.genList (i: \"[\") 2000))",
  ]) func readersAndWritersNestAsDeepAsCalls(_ source: String) {
    #expect(code(of: source) { $0.depth = 1000 } == .depth)
    #expect([nil, .argument].contains(code(of: source)))
  }

  @Test func sizesOfNewForms() {
    let key =
      "builtins.fromTOML (builtins.concatStringsSep \".\" (builtins.genList (i: \"a\") %) + \"=1\")"
    #expect(code(of: key.replacing("%", with: "1000")) == nil)
    #expect(code(of: key.replacing("%", with: "1001")) == .limit)
    #expect(
      code(of: "builtins.toXML (builtins.genList (i: i) 1000)") { $0.stringBytes = 10_000 }
        == .limit)
    #expect(code(of: "builtins.fromTOML \"a=[1,2,3]\"") { $0.listElements = 2 } == .limit)
    #expect(
      code(of: "builtins.groupBy toString (builtins.genList (i: i) 10000)") { $0.memory = 1 << 20 }
        == .limit)
    let tables =
      "builtins.fromTOML (builtins.concatStringsSep \"\\n\" (builtins.genList (i: \"[[a]]\") 20000))"
    #expect(code(of: tables) { $0.memory = 4 << 20 } == .limit)
    #expect(code(of: tables) { $0.memory = 64 << 20 } == nil)
  }

  @Test func printingIsAsDeepAsCalls() throws {
    var limits = Limits()
    limits.depth = 1000
    let evaluator = Evaluator(limits: limits)
    let value = try evaluator.evaluate(
      source: "builtins.foldl' (a: i: [ a ]) 1 (builtins.genList (i: i) 2000)")
    #expect(throws: NixError(.depth, "")) { try evaluator.printed(value) }
  }

  /// What makes many values at once asks before it makes them.
  @Test(arguments: [
    "builtins.genList (i: i) 10000", "map (i: i) l", "builtins.mapAttrs (n: v: v) s",
    "builtins.zipAttrsWith (n: v: v) [ s ]",
  ])
  func manyValuesAreCountedBeforeTheyAreMade(_ source: String) throws {
    var limits = Limits()
    limits.memory = 64 << 20
    let evaluator = Evaluator(limits: limits)
    let argument = try evaluator.evaluate(
      source: """
        rec {
          l = builtins.genList (i: i) 10000;
          s = builtins.listToAttrs (map (i: { name = "a${toString i}"; value = i; }) l);
        }
        """)
    try evaluator.forceDeeply(argument)
    let function = try evaluator.evaluate(source: "{ l, s }: \(source)")
    _ = try evaluator.force(try evaluator.apply(function, to: argument))
    evaluator.heap.charge(limits.memory - evaluator.heap.bytes - (1 << 19))
    let before = evaluator.heap.bytes
    #expect(throws: NixError(.limit, "")) {
      _ = try evaluator.apply(function, to: argument)
    }
    #expect(evaluator.heap.bytes - before < 1 << 16)
  }

  /// Chains of values much longer than any stack are released one by one.
  @Test func deepRelease() {
    let list = "builtins.foldl' (acc: i: [ acc ]) [ ] (builtins.genList (i: i) 120000)"
    #expect(code(of: "builtins.length (\(list))") == nil)
    let set = "builtins.foldl' (acc: i: { next = acc; }) { } (builtins.genList (i: i) 120000)"
    #expect(code(of: "(\(set)) ? next") == nil)
    let lazy = "builtins.foldl' (acc: i: x: acc) 1 (builtins.genList (i: i) 120000)"
    #expect(code(of: "builtins.isFunction (\(lazy))") == nil)
    // Deeper than what may be forced: an error, not a crash.
    let thunks =
      "(builtins.foldl' (acc: i: { v = acc.v + i; }) { v = 0; } (builtins.genList (i: i) 120000)).v"
    #expect(code(of: thunks) == .depth)
  }

  /// A limit that was passed does not spoil the evaluator for what comes after.
  @Test func evaluatorSurvives() throws {
    var limits = Limits()
    limits.depth = 1000
    let evaluator = Evaluator(limits: limits)
    for _ in 0..<3 {
      #expect(throws: NixError(.depth, "")) {
        try evaluator.evaluate(source: "let f = x: f x; in f 1")
      }
      let value = try evaluator.evaluate(source: "1 + 1")
      #expect(try evaluator.int(value) == 2)
    }
  }
}
