/// Makes random expressions that have a type, from a seed.
struct ExpressionGenerator {
  enum Kind: CaseIterable {
    case int, float, bool, string, list, set
  }

  private var state: UInt64
  private var variables: [(name: String, kind: Kind)] = []

  init(seed: UInt64) { state = seed }

  mutating func expression() -> String {
    variables = []
    return make(Kind.allCases[random(Kind.allCases.count)], 4)
  }

  /// SplitMix64.
  private mutating func random(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  private mutating func pick(_ choices: [String]) -> String { choices[random(choices.count)] }

  private mutating func make(_ kind: Kind, _ depth: Int) -> String {
    let known = variables.filter { $0.kind == kind }
    if !known.isEmpty, random(4) == 0 { return known[random(known.count)].name }
    if depth == 0 { return literal(kind) }
    switch random(9) {
    case 0: return binding(kind, depth)
    case 1:
      return
        "(if \(make(.bool, depth - 1)) then \(make(kind, depth - 1)) else \(make(kind, depth - 1)))"
    case 2: return application(kind, depth)
    case 3: return "({ a = \(make(kind, depth - 1)); }.a or \(make(kind, depth - 1)))"
    case 4: return "(builtins.head [ \(make(kind, depth - 1)) \(make(.int, depth - 1)) ])"
    default: return operation(kind, depth - 1)
    }
  }

  private mutating func literal(_ kind: Kind) -> String {
    switch kind {
    case .int: return "\(random(20))"
    case .float: return pick(["0.5", "1.25", "3.0", "100.125", "2.5e3"])
    case .bool: return pick(["true", "false"])
    case .string: return pick([#""""#, #""a""#, #""b c""#, #""x\ny""#, "''z''", #""é""#])
    case .list: return pick(["[ ]", "[ 1 2 ]", #"[ "s" null ]"#, "[ [ 3 ] { } ]"])
    case .set: return pick(["{ }", "{ a = 1; }", "{ b = 2; c.d = 3; }", "rec { x = 1; y = x; }"])
    }
  }

  private mutating func binding(_ kind: Kind, _ depth: Int) -> String {
    let bound = Kind.allCases[random(Kind.allCases.count)]
    let name = "v\(variables.count)"
    let value = make(bound, depth - 1)
    variables.append((name, bound))
    defer { variables.removeLast() }
    let body = make(kind, depth - 1)
    switch random(3) {
    case 0: return "(let \(name) = \(value); in \(body))"
    case 1: return "((\(name): \(body)) \(value))"
    default: return "(with { \(name) = \(value); }; \(body))"
    }
  }

  private mutating func application(_ kind: Kind, _ depth: Int) -> String {
    let bound = Kind.allCases[random(Kind.allCases.count)]
    let name = "v\(variables.count)"
    let argument = make(bound, depth - 1)
    variables.append((name, bound))
    defer { variables.removeLast() }
    let body = make(kind, depth - 1)
    return random(2) == 0
      ? "(({ \(name) ? \(argument), ... }: \(body)) { z = 1; })"
      : "((all@{ \(name), ... }: builtins.seq all \(body)) { \(name) = \(argument); })"
  }

  private mutating func operation(_ kind: Kind, _ depth: Int) -> String {
    switch kind {
    case .int:
      let (one, other) = (make(.int, depth), make(.int, depth))
      return pick([
        "(\(one) + \(other))", "(\(one) - \(other))", "(\(one) * \(other))", "(- \(one))",
        "(builtins.length \(make(.list, depth)))",
        "(builtins.stringLength \(make(.string, depth)))",
        "(builtins.bitXor \(one) \(other))", "(builtins.floor \(make(.float, depth)))",
        "(builtins.foldl' (a: b: a + b) \(one) [ \(other) 3 ])",
      ])
    case .float:
      return pick([
        "(\(make(.float, depth)) + \(make(.int, depth)))",
        "(\(make(.int, depth)) * \(make(.float, depth)))", "(\(make(.float, depth)) / 4)",
      ])
    case .bool: return comparison(depth)
    case .string: return text(depth)
    case .list: return list(depth)
    case .set: return set(depth)
    }
  }

  private mutating func comparison(_ depth: Int) -> String {
    let kind = Kind.allCases[random(Kind.allCases.count)]
    let (one, other) = (make(kind, depth), make(kind, depth))
    return pick([
      "(\(one) == \(other))", "(\(one) != \(other))", "(!\(make(.bool, depth)))",
      "(\(make(.bool, depth)) && \(make(.bool, depth)))",
      "(\(make(.bool, depth)) || \(make(.bool, depth)))",
      "(\(make(.bool, depth)) -> \(make(.bool, depth)))",
      "(\(make(.int, depth)) < \(make(.float, depth)))",
      "(\(make(.string, depth)) <= \(make(.string, depth)))",
      "(\(make(.set, depth)) ? a)", "(builtins.elem \(one) [ \(other) ])",
    ])
  }

  private mutating func text(_ depth: Int) -> String {
    let one = make(.string, depth)
    return pick([
      "(\(one) + \(make(.string, depth)))", "\"a${\(one)}b\"", "''\n  ${\(one)}\n    c\n''",
      "(toString \(make(.int, depth)))", "(toString \(make(.float, depth)))",
      "(builtins.substring 0 2 \(one))", "(builtins.toJSON \(make(.list, depth)))",
      "(builtins.concatStringsSep \"-\" [ \(one) \"q\" ])",
      "(builtins.replaceStrings [ \"a\" ] [ \"bb\" ] \(one))",
      "(builtins.typeOf \(make(.set, depth)))", "(toString \(make(.bool, depth)))",
    ])
  }

  private mutating func list(_ depth: Int) -> String {
    let one = make(.list, depth)
    return pick([
      "(\(one) ++ \(make(.list, depth)))", "[ \(make(.int, depth)) \(make(.set, depth)) ]",
      "(map (x: [ x ]) \(one))", "(builtins.attrNames \(make(.set, depth)))",
      "(builtins.attrValues \(make(.set, depth)))", "(builtins.genList (i: i * 2) 3)",
      "(builtins.concatMap (x: [ x x ]) \(one))", "(builtins.split \"b\" \(make(.string, depth)))",
      "(builtins.sort builtins.lessThan [ \(make(.int, depth)) \(make(.float, depth)) 3 ])",
      "(builtins.filter (x: x != 1) \(one))",
    ])
  }

  private mutating func set(_ depth: Int) -> String {
    let one = make(.set, depth)
    return pick([
      "(\(one) // \(make(.set, depth)))", "{ k = \(make(.int, depth)); inherit (\(one)); }",
      "(builtins.mapAttrs (n: v: n) \(one))", "(builtins.removeAttrs \(one) [ \"a\" ])",
      "(builtins.listToAttrs [ { name = \(make(.string, depth)); value = \(make(.int, depth)); } ])",
      "{ ${\(make(.string, depth))} = 1; b.c = \(make(.bool, depth)); }",
      "(builtins.intersectAttrs { a = 1; b = 1; } \(one))",
      "(rec { p = \(make(.int, depth)); q = p; })",
      "(builtins.tryEval \(make(.int, depth)))",
    ])
  }
}
