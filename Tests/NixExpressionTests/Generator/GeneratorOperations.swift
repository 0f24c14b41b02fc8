/// Operators and builtins, by the type of their result.
extension ExpressionGenerator {
  mutating func operation(_ kind: Kind, _ depth: Int) -> Term {
    switch kind {
    case .null: return call("builtins.match \"no\"", atom("\"yes\""))
    case .bool: return random(2) == 0 ? comparison(depth) : test(depth)
    case .int: return random(2) == 0 ? arithmetic(.int, depth) : count(depth)
    case .float: return arithmetic(.float, depth)
    case .string: return random(2) == 0 ? joined(depth) : written(depth)
    case .path: return path(depth)
    case .list(let element): return list(element, depth)
    case .set(let fields): return changedSet(fields, depth)
    case .function(let argument, let result): return lambda(argument, result, depth)
    }
  }

  private enum Side { case left, right, none }

  private mutating func binary(
    _ symbol: String, _ level: Int, _ side: Side, _ left: Term, _ right: Term
  ) -> Term {
    let one = wrap(left, side == .left ? level : level + 1)
    let other = wrap(right, side == .right ? level : level + 1)
    return Term(text: "\(one)\(space())\(symbol) \(other)", level: level)
  }

  // MARK: Numbers

  private mutating func arithmetic(_ kind: Kind, _ depth: Int) -> Term {
    let one = make(kind, depth)
    let other = make(kind == .float ? pick([.int, .float]) : .int, depth)
    switch random(8) {
    case 0, 1: return binary("+", 8, .left, one, other)
    case 2: return binary("-", 8, .left, one, other)
    case 3: return binary("*", 9, .left, one, other)
    case 4: return binary("/", 9, .left, one, atom(pick(["2", "3", "7"])))
    case 5: return Term(text: "-\(wrap(one, 12))", level: 12)
    case 6: return call(pick(["builtins.add", "builtins.sub", "builtins.mul"]), one, other)
    default: return call("builtins.div", one, atom(pick(["2", "5", "(-1)"])))
    }
  }

  private mutating func count(_ depth: Int) -> Term {
    switch random(9) {
    case 0: return call("builtins.length", make(.list(kind(1)), depth))
    case 1: return call("builtins.stringLength", make(.string, depth))
    case 2:
      let name = pick(["builtins.bitAnd", "builtins.bitOr", "builtins.bitXor"])
      return call(name, make(.int, depth), make(.int, depth))
    case 3: return call(pick(["builtins.floor", "builtins.ceil"]), literal(.float))
    case 4:
      return call(
        "builtins.foldl'", atom("(a: b: a \(pick(["+", "-", "*"])) b)"), make(.int, depth),
        make(.list(.int), depth))
    case 5: return call("builtins.compareVersions", make(.string, depth), make(.string, depth))
    case 6: return call("builtins.fromJSON", call("builtins.toJSON", make(.int, depth)))
    case 7: return Term(text: "(fromTOML \"a.b = 0x1f\").a.b", level: 14)
    default:
      return call("builtins.length", call("builtins.attrNames", make(.set([]), depth)))
    }
  }

  // MARK: Booleans

  private mutating func comparison(_ depth: Int) -> Term {
    // Functions are equal to nothing, except where they are the same element.
    let kind = random(8) == 0 ? .list(.function(.int, .int)) : plainKind(1)
    switch random(9) {
    case 0: return binary("==", 4, .none, make(kind, depth), make(kind, depth))
    case 1: return binary("!=", 4, .none, make(kind, depth), make(kind, depth))
    case 2: return Term(text: "!\(wrap(make(.bool, depth), 7))", level: 7)
    case 3: return binary("&&", 3, .left, make(.bool, depth), make(.bool, depth))
    case 4: return binary("||", 2, .left, make(.bool, depth), make(.bool, depth))
    case 5: return binary("->", 1, .right, make(.bool, depth), make(.bool, depth))
    case 6:
      let ordered: Kind = pick([.int, .float, .string, .path, .list(.int), .list(.string)])
      return binary(
        pick(["<", "<=", ">", ">="]), 5, .none, make(ordered, depth), make(ordered, depth))
    case 7: return binary("<", 5, .none, make(.int, depth), make(.float, depth))
    default: return call("builtins.lessThan", make(.string, depth), make(.string, depth))
    }
  }

  private mutating func test(_ depth: Int) -> Term {
    switch random(8) {
    case 0:
      return Term(
        text:
          "\(wrap(make(.set([]), depth), 12)) ? \(pick(["a", "b.c", "k.l", "\"x'\"", "${\"a\"}"]))",
        level: 11)
    case 1: return call("builtins.hasAttr \"\(pick(["a", "b", "k"]))\"", make(.set([]), depth))
    case 2:
      let kind = plainKind(1)
      return call("builtins.elem", make(kind, depth), make(.list(kind), depth))
    case 3:
      let kind = plainKind(1)
      return call(
        pick(["builtins.all", "builtins.any"]), make(.function(kind, .bool), depth),
        make(.list(kind), depth))
    case 4:
      let name = pick([
        "isInt", "isFloat", "isBool", "isString", "isList", "isAttrs", "isFunction", "isPath",
        "isNull",
      ])
      return call("builtins.\(name)", make(kind(2), depth))
    case 5:
      return atom("(builtins.tryEval \(wrap(make(kind(1), depth), 14))).success")
    case 6: return binary("==", 4, .none, make(.int, depth), make(.float, depth))
    default:
      return binary(
        "!=", 4, .none, call("builtins.match \"\(pattern())\"", make(.string, depth)), atom("null"))
    }
  }

  // MARK: Strings and paths

  private mutating func pattern() -> String {
    pick([
      "a", "a*", "(a|b)*", "[a-z]+", "([^.]*)\\\\.?(.*)", "(a)?(b)?.*", ".*", "[[:alpha:]]*", "x?",
      "(.)(.)(.*)", "(a*)(ab)*(b*)", "[[:space:][:digit:]]", "b|", "(^a|b$)+",
    ])
  }

  private mutating func joined(_ depth: Int) -> Term {
    let one = make(.string, depth)
    switch random(7) {
    case 0, 1: return binary("+", 8, .left, one, make(.string, depth))
    case 2: return atom("\"a${\(one.text)}b${\(make(.string, depth).text)}\"")
    case 3: return atom("''\n  ${\(one.text)}\n    c ''${ $${ ''\\t\n  ''")
    case 4: return call("builtins.concatStringsSep \"-\"", make(.list(.string), depth))
    case 5:
      return call(
        "builtins.replaceStrings \(pick(["[ \"a\" \"\" ]", "[ \"ab\" \"b\" ]", "[ \"b\" \"a\" ]"]))",
        atom(pick(["[ \"bb\" \"-\" ]", "[ \"\" \"a\" ]"])), one)
    default:
      return call("builtins.substring \(random(4)) \(pick(["0", "1", "2", "10", "(-1)"]))", one)
    }
  }

  private mutating func written(_ depth: Int) -> Term {
    switch random(13) {
    case 0:
      return call("toString", make(pick([.int, .float, .bool, .string, .path, .null]), depth))
    case 1: return call("toString", make(.list(pick([.int, .bool, .list(.string)])), depth))
    case 2: return call("builtins.toJSON", make(plainKind(2), depth))
    case 3: return call("builtins.toXML", make(kind(2), depth))
    case 4: return call("builtins.typeOf", make(kind(2), depth))
    case 5: return call(pick(["baseNameOf", "dirOf"]), make(.string, depth))
    case 6:
      let algorithm = pick(["md5", "sha1", "sha256", "sha512"])
      return call("builtins.hashString \"\(algorithm)\"", make(.string, depth))
    case 7:
      return Term(text: "(builtins.parseDrvName \(wrap(make(.string, depth), 14))).name", level: 14)
    case 8:
      return call("builtins.toJSON", call("builtins.split \"\(pattern())\"", make(.string, depth)))
    case 9:
      return call("builtins.toJSON", call("builtins.match \"\(pattern())\"", make(.string, depth)))
    case 10:
      return call(
        "builtins.toJSON",
        call("builtins.partition", make(.function(.int, .bool), depth), make(.list(.int), depth)))
    case 11:
      return call("builtins.toJSON", call("builtins.functionArgs", make(.function(.int, .int), 0)))
    default: return call("toString", make(.set([Field(name: "outPath", kind: .string)]), depth))
    }
  }

  private mutating func path(_ depth: Int) -> Term {
    switch random(3) {
    case 0:
      return binary("+", 8, .left, make(.path, depth), atom("\"/\(pick(["x", "..", "y/../z"]))\""))
    case 1: return call("dirOf", make(.path, depth))
    default: return atom("/p/${\"\(pick(["q", "r/s", "."]))\"}/t")
    }
  }
}
