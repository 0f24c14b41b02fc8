/// Operators and builtins that give lists and sets.
extension ExpressionGenerator {
  mutating func list(_ element: Kind, _ depth: Int) -> Term {
    if element == .string, random(3) == 0 { return strings(depth) }
    if [.int, .float, .string, .list(.int)].contains(element), random(4) == 0 {
      let comparison =
        random(2) == 0 ? "builtins.lessThan" : "(a: b: b \(pick(["<", "<=", ">"])) a)"
      return call("builtins.sort \(comparison)", make(.list(element), depth))
    }
    let one = make(.list(element), depth)
    switch random(9) {
    case 0:
      return Term(text: "\(wrap(one, 11)) ++ \(wrap(make(.list(element), depth), 10))", level: 10)
    case 1:
      let elements = (0...random(3)).map { _ in wrap(make(element, depth), 14) }
      return atom("[\(space())\(elements.joined(separator: space())) ]")
    case 2:
      let from = plainKind(1)
      return call("map", make(.function(from, element), depth), make(.list(from), depth))
    case 3: return call("builtins.filter", make(.function(element, .bool), depth), one)
    case 4:
      return call("builtins.genList", make(.function(.int, element), depth), atom("\(random(4))"))
    case 5:
      let from = plainKind(1)
      return call(
        "builtins.concatMap", make(.function(from, .list(element)), depth), make(.list(from), depth)
      )
    case 6: return call("builtins.concatLists", atom("[ \(wrap(one, 14)) [ ] \(wrap(one, 14)) ]"))
    case 7:
      return call(
        "builtins.tail", atom("([ \(wrap(make(element, depth), 14)) ] ++ \(wrap(one, 10)))"))
    default:
      let name = names(1)[0]
      return call(
        "builtins.catAttrs \"\(name)\"",
        atom("[ \(wrap(set([Field(name: name, kind: element)], depth), 14)) { } ]"))
    }
  }

  private mutating func strings(_ depth: Int) -> Term {
    switch random(4) {
    case 0: return call("builtins.attrNames", make(.set([]), depth))
    case 1: return call("builtins.splitVersion", make(.string, depth))
    case 2:
      return call(
        "builtins.filter builtins.isString", call("builtins.split \"b\"", make(.string, depth)))
    default: return call("builtins.attrNames", grouped(depth))
    }
  }

  private mutating func grouped(_ depth: Int) -> Term {
    call("builtins.groupBy", make(.function(.int, .string), depth), make(.list(.int), depth))
  }

  mutating func changedSet(_ fields: [Field], _ depth: Int) -> Term {
    let one = make(.set(fields), depth)
    let other = make(.set([]), depth)
    switch random(10) {
    case 0:
      return Term(text: "\(wrap(set([], depth), 7)) // \(wrap(one, 6))", level: 6)
    case 1 where fields.count > 1:
      let middle = 1 + random(fields.count - 1)
      let left = make(.set(Array(fields[..<middle])), depth)
      return Term(
        text: "\(wrap(left, 7)) // \(wrap(set(Array(fields[middle...]), depth), 6))", level: 6)
    case 2: return call("builtins.removeAttrs", one, atom("[ \"extra\" \"k\" ]"))
    case 3:
      let pairs = fields.map { field in
        "{ name = \"\(field.name)\"; value = \(make(field.kind, depth).text); }"
      }
      return call("builtins.listToAttrs", atom("[ \(pairs.joined(separator: " ")) ]"))
    case 4:
      let left = fields.map { "\($0.name) = 1;" }.joined(separator: " ")
      return call("builtins.intersectAttrs { \(left) k = 2; }", one)
    case 5 where fields.isEmpty:
      return call("builtins.mapAttrs (n: v: \(make(plainKind(1), depth).text))", other)
    case 6 where fields.isEmpty:
      return call(
        "builtins.zipAttrsWith (n: vs: builtins.length vs)",
        atom("[ \(wrap(one, 14)) \(wrap(other, 14)) ]"))
    case 7 where fields.isEmpty: return grouped(depth)
    case 8 where fields.isEmpty:
      return pick([
        call("builtins.tryEval", make(plainKind(1), depth)),
        call("builtins.parseDrvName", make(.string, depth)),
        call("builtins.fromJSON", call("builtins.toJSON", make(.set([]), 0))),
        call("builtins.functionArgs ({ a, b ? 1, ... }: a)"),
        atom("(fromTOML ''\n  a = [ 1, 2.5 ]\n  [b.c]\n  d = \"x\"\n'')"),
      ])
    default: return set(fields, depth)
    }
  }
}
