/// Makes random expressions that have a type, from a seed: the same ones every time.
///
/// Most have a value; a few raise an error, also because of a type. Names are few, so that they
/// hide one another, and parentheses stand only where they must.
struct ExpressionGenerator {
  /// The type that an expression is to have.
  indirect enum Kind: Equatable {
    case null, bool, int, float, string, path
    case list(Kind)
    /// A set with at least these attributes.
    case set([Field])
    case function(Kind, Kind)
  }

  struct Field: Equatable {
    let name: String
    let kind: Kind
  }

  /// A text and how tightly its operator binds: 14 for what stands alone, 0 for what takes all that follows.
  struct Term {
    let text: String
    let level: Int
  }

  private struct Variable {
    let name: String
    /// Nil while its own definition is being made.
    var kind: Kind?
    let isFromWith: Bool
  }

  private var state: UInt64
  private var variables: [Variable] = []

  init(seed: UInt64) { state = seed }

  /// An expression whose value has a JSON form, and no path in it, which Nix would copy to its store.
  mutating func expression() -> String {
    variables = []
    switch random(12) {
    case 0: return call("builtins.toXML", make(kind(3), 4)).text
    case 1: return call("builtins.toJSON", make(plainKind(2), 4)).text
    case 2: return make(.list(failingKind()), 3).text
    default: return make(plainKind(2), 5).text
    }
  }

  // MARK: Choices

  /// SplitMix64.
  mutating func random(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[random(choices.count)] }

  mutating func baseKind() -> Kind { pick([.bool, .int, .int, .float, .string, .string]) }

  /// A type without functions and paths.
  mutating func plainKind(_ depth: Int) -> Kind {
    guard depth > 0 else { return baseKind() }
    switch random(6) {
    case 0, 1: return .list(plainKind(depth - 1))
    case 2, 3: return .set(fields { $0.plainKind(depth - 1) })
    case 4: return random(4) == 0 ? .null : baseKind()
    default: return baseKind()
    }
  }

  mutating func kind(_ depth: Int) -> Kind {
    guard depth > 0 else { return baseKind() }
    switch random(8) {
    case 0: return .function(plainKind(1), kind(depth - 1))
    case 1: return .path
    case 2: return .list(kind(depth - 1))
    case 3: return .set(fields { $0.kind(depth - 1) })
    default: return plainKind(depth)
    }
  }

  private mutating func failingKind() -> Kind { pick([.int, .string, .bool]) }

  private mutating func fields(_ kind: (inout ExpressionGenerator) -> Kind) -> [Field] {
    names(random(4)).map { Field(name: $0, kind: kind(&self)) }
  }

  private static let pool = ["a", "b", "c", "x'", "foo-bar", "_y", "z1", "or_", "In"]

  /// So many different names.
  mutating func names(_ count: Int) -> [String] {
    var names: [String] = []
    while names.count < count {
      let name = pick(Self.pool)
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  // MARK: Terms

  func wrap(_ term: Term, _ level: Int) -> String {
    term.level >= level ? term.text : "(\(term.text))"
  }

  /// What stands between two tokens.
  mutating func space() -> String {
    switch random(24) {
    case 0: return "\n  "
    case 1: return " /* a comment: \"${ */ "
    case 2: return " # another ''\n"
    default: return " "
    }
  }

  func call(_ function: String, _ arguments: Term...) -> Term {
    Term(
      text: ([function] + arguments.map { wrap($0, 14) }).joined(separator: " "), level: 13)
  }

  func atom(_ text: String) -> Term { Term(text: text, level: 14) }

  mutating func make(_ kind: Kind, _ depth: Int) -> Term {
    if random(3) == 0, let variable = variable(of: kind) { return variable }
    // What is wrong with a type is an error, or is not looked at.
    if random(150) == 0 {
      return literal(random(4) == 0 ? .function(.int, .int) : plainKind(1))
    }
    if depth <= 0 { return literal(kind) }
    switch random(16) {
    case 0: return letIn(kind, depth - 1)
    case 1: return with(kind, depth - 1)
    case 2: return conditional(kind, depth - 1)
    case 3: return applied(kind, depth - 1)
    case 4: return matched(kind, depth - 1)
    case 5: return selected(kind, depth - 1)
    case 6: return element(kind, depth - 1)
    case 7: return guarded(kind, depth - 1)
    case 8: return literal(kind)
    default: return operation(kind, depth - 1)
    }
  }

  // MARK: Variables

  private mutating func variable(of kind: Kind) -> Term? {
    var hidden: Set<String> = []
    var found: [String] = []
    for variable in variables.reversed() where !variable.isFromWith {
      if hidden.insert(variable.name).inserted, variable.kind == kind {
        found.append(variable.name)
      }
    }
    for variable in variables.reversed() where variable.isFromWith {
      if hidden.insert(variable.name).inserted, variable.kind == kind {
        found.append(variable.name)
      }
    }
    return found.isEmpty ? nil : atom(pick(found))
  }

  /// Makes something where names are variables.
  mutating func inScope<Result>(
    _ fields: [Field], isFromWith: Bool = false, _ body: (inout ExpressionGenerator) -> Result
  ) -> Result {
    let count = variables.count
    variables += fields.map { Variable(name: $0.name, kind: $0.kind, isFromWith: isFromWith) }
    defer { variables.removeLast(variables.count - count) }
    return body(&self)
  }

  /// Definitions that may use the ones made before them, in any order; then something in their scope.
  mutating func bindings<Result>(
    _ fields: [Field], _ depth: Int, _ body: (inout ExpressionGenerator) -> Result
  ) -> (definitions: String, result: Result) {
    let count = variables.count
    variables += fields.map { Variable(name: $0.name, kind: nil, isFromWith: false) }
    defer { variables.removeLast(variables.count - count) }
    var definitions: [String] = []
    for (index, field) in fields.enumerated() {
      let definition = "\(field.name) =\(space())\(make(field.kind, depth).text);"
      definitions.insert(definition, at: random(definitions.count + 1))
      variables[count + index].kind = field.kind
    }
    return (definitions.joined(separator: space()), body(&self))
  }

  // MARK: What any type can be

  private mutating func letIn(_ kind: Kind, _ depth: Int) -> Term {
    let fields = names(1 + random(3)).map { Field(name: $0, kind: self.kind(2)) }
    let (definitions, body) = bindings(fields, depth) { $0.make(kind, depth) }
    return Term(text: "let \(definitions)\(space())in \(body.text)", level: 0)
  }

  private mutating func with(_ kind: Kind, _ depth: Int) -> Term {
    let fields = names(1 + random(3)).map { Field(name: $0, kind: self.kind(1)) }
    let set = make(.set(fields), depth)
    let body = inScope(fields, isFromWith: true) { $0.make(kind, depth) }
    return Term(text: "with \(set.text);\(space())\(body.text)", level: 0)
  }

  private mutating func conditional(_ kind: Kind, _ depth: Int) -> Term {
    let (condition, one, other) = (make(.bool, depth), make(kind, depth), make(kind, depth))
    return Term(
      text: "if \(condition.text) then\(space())\(one.text) else \(other.text)", level: 0)
  }

  private mutating func applied(_ kind: Kind, _ depth: Int) -> Term {
    let argument = self.kind(1)
    let function = make(.function(argument, kind), depth)
    return Term(text: "\(wrap(function, 13)) \(wrap(make(argument, depth), 14))", level: 13)
  }

  /// The call of a function with a pattern.
  private mutating func matched(_ kind: Kind, _ depth: Int) -> Term {
    let fields = names(1 + random(3)).map { Field(name: $0, kind: self.kind(1)) }
    let optional = fields.map { _ in random(3) == 0 }
    var arguments: [String] = []
    var formals: [String] = []
    let defaults = inScope(fields) { generator in
      // A default may use the other arguments, which the call then gives.
      fields.map { generator.literal($0.kind).text }
    }
    for (index, field) in fields.enumerated() {
      formals.append(optional[index] ? "\(field.name) ? \(defaults[index])" : field.name)
      if !optional[index] || random(2) == 0 {
        arguments.append("\(field.name) = \(make(field.kind, depth).text);")
      }
    }
    if random(3) == 0 {
      formals.append("...")
      arguments.append("extra = 1;")
    }
    var pattern = "{ \(formals.joined(separator: ", ")) }"
    var scope = fields
    if random(3) == 0 {
      pattern = random(2) == 0 ? "\(pattern)@all" : "all@\(pattern)"
      scope.append(
        Field(name: "all", kind: .set(fields.indices.filter { !optional[$0] }.map { fields[$0] })))
    }
    let body = inScope(scope) { $0.make(kind, depth) }
    return Term(
      text: "(\(pattern): \(body.text)) { \(arguments.joined(separator: " ")) }", level: 13)
  }

  private mutating func selected(_ kind: Kind, _ depth: Int) -> Term {
    let name = names(1)[0]
    let set = make(.set([Field(name: name, kind: kind)]), depth)
    switch random(6) {
    case 0: return Term(text: "\(wrap(set, 14)).\"\(name)\"", level: 14)
    case 1:
      return Term(
        text: "\(wrap(set, 14)).\(name) or \(wrap(make(kind, depth), 14))", level: 14)
    case 2:
      return Term(
        text: "\(wrap(set, 14)).none.\(name) or \(wrap(make(kind, depth), 14))", level: 14)
    case 3: return call("builtins.getAttr \"\(name)\"", set)
    case 4: return Term(text: "\(wrap(set, 14)).${\"\(name)\"}", level: 14)
    default: return Term(text: "\(wrap(set, 14)).\(name)", level: 14)
    }
  }

  private mutating func element(_ kind: Kind, _ depth: Int) -> Term {
    let first = wrap(make(kind, depth), 14)
    let rest = wrap(make(.list(kind), depth), 10)
    switch random(3) {
    case 0: return atom("(builtins.head ([ \(first) ] ++ \(rest)))")
    case 1: return atom("(builtins.elemAt ([ \(first) ] ++ \(rest)) 0)")
    default:
      return atom("(builtins.foldl' (a: b: b) \(first) (\(rest)))")
    }
  }

  /// What asserts, tries or orders evaluation, or fails.
  private mutating func guarded(_ kind: Kind, _ depth: Int) -> Term {
    let (one, other) = (make(kind, depth), make(kind, depth))
    switch random(8) {
    case 0:
      return Term(text: "assert \(make(.bool, depth).text) || true; \(one.text)", level: 0)
    case 1: return call("builtins.seq", make(self.kind(1), depth), one)
    case 2: return call("builtins.deepSeq", make(plainKind(1), depth), one)
    case 3:
      let condition = make(.bool, depth).text
      let tried = atom("(if \(condition) then throw \"no\" else \(one.text))")
      return atom(
        "(let t = builtins.tryEval \(tried.text); in if t.success then t.value else \(other.text))")
    case 4:
      return atom(
        "(let t = builtins.tryEval (assert \(make(.bool, depth).text); \(one.text)); "
          + "in if t.success then t.value else \(other.text))")
    case 5:
      return Term(
        text: "if \(make(.bool, depth).text) then throw \"thrown\" else \(one.text)", level: 0)
    case 6:
      return Term(text: "assert \(make(.bool, depth).text); \(one.text)", level: 0)
    case 7 where random(4) == 0: return atom("{ }.missing")
    default: return call("builtins.addErrorContext \"context\"", one)
    }
  }
}
