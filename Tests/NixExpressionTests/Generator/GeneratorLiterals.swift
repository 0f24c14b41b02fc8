/// What needs no other expression, or only to hold it.
extension ExpressionGenerator {
  mutating func literal(_ kind: Kind) -> Term {
    switch kind {
    case .null: return atom("null")
    case .bool: return atom(pick(["true", "false"]))
    case .int: return atom(pick(["0", "1", "2", "3", "7", "20", "255", "1000000", "007"]))
    case .float:
      return atom(
        pick(["0.5", "1.25", "3.0", "100.125", "2.5e3", ".75", "1.", "1.0e-7", "0.1", "12.5E+2"]))
    case .string: return atom(text())
    case .path: return atom(pick(["/a", "/a/b", "/.", "/a/../c", "/x-1/y.z", "/a/./b_"]))
    case .list(let element):
      let elements = (0..<random(4)).map { _ in wrap(literal(element), 14) }
      return atom("[ \(elements.map { $0 + " " }.joined())]")
    case .set(let fields): return set(fields, 0)
    case .function(let argument, let result): return lambda(argument, result, 0)
    }
  }

  private mutating func text() -> String {
    pick([
      #""""#, #""a""#, #""b c""#, #""x\ny\tz""#, "''z''", #""é""#, #""1.2.3pre""#, #""foo-1.0""#,
      #""a.b/c""#, #""\"\\\${}""#, #""$$""#, "''\n  one\n    two\n''", "''''$ '''x''\\n''",
      #""0aA_-""#, #""€😀""#, #""<&>'""#, "\"line\nbreak\"", #""10""#, #""ab""#, #""abab""#,
    ])
  }

  /// A set, its attributes written in one of the ways that there are.
  mutating func set(_ fields: [Field], _ depth: Int) -> Term {
    if random(5) == 0 {
      let (definitions, _) = bindings(fields, depth) { _ in }
      return atom("rec { \(definitions)\(definitions.isEmpty ? "" : " ")}")
    }
    var definitions = fields.map { field in
      let value = make(field.kind, depth)
      switch random(8) {
      case 0: return "\"\(field.name)\" = \(value.text);"
      case 1: return "${\"\(field.name)\"} = \(value.text);"
      case 2: return "inherit ({ \(field.name) = \(value.text); }) \(field.name);"
      case 3:
        if case .set(let inner) = field.kind, let first = inner.first {
          return nested(field.name, inner, first, depth)
        }
        return "\(field.name) = \(value.text);"
      default: return "\(field.name) =\(space())\(value.text);"
      }
    }
    if random(4) == 0 { definitions.append("k.l = \(make(baseKind(), depth).text);") }
    if random(4) == 0 { definitions.append("${null} = 1;") }
    return atom("{ \(definitions.map { $0 + space() }.joined())}")
  }

  /// `a.b = 1; a.c = 2;`
  private mutating func nested(
    _ name: String, _ fields: [Field], _ first: Field, _ depth: Int
  ) -> String {
    fields.map { field in "\(name).\(field.name) = \(make(field.kind, depth).text);" }
      .joined(separator: " ")
  }

  mutating func lambda(_ argument: Kind, _ result: Kind, _ depth: Int) -> Term {
    let name = names(1)[0]
    let body = inScope([Field(name: name, kind: argument)]) { $0.make(result, depth) }
    let lambda = Term(text: "\(name): \(body.text)", level: 0)
    if random(8) == 0 { return atom("{ __functor = self: \(lambda.text); }") }
    return lambda
  }
}
