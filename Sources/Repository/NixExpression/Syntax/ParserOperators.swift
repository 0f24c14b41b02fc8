/// Operators, by precedence climbing.
extension Parser {
  private enum Associativity {
    case left, right, none
  }

  private struct Infix {
    let operation: Operator
    let precedence: Int
    let associativity: Associativity
  }

  private static let notPrecedence = 7
  private static let hasAttributePrecedence = 11
  private static let negationPrecedence = 12

  private var infix: Infix? {
    switch kind {
    case .implies: Infix(operation: .implies, precedence: 1, associativity: .right)
    case .orOperator: Infix(operation: .or, precedence: 2, associativity: .left)
    case .and: Infix(operation: .and, precedence: 3, associativity: .left)
    case .equal: Infix(operation: .equal, precedence: 4, associativity: .none)
    case .notEqual: Infix(operation: .notEqual, precedence: 4, associativity: .none)
    case .less: Infix(operation: .less, precedence: 5, associativity: .none)
    case .lessOrEqual: Infix(operation: .lessOrEqual, precedence: 5, associativity: .none)
    case .greater: Infix(operation: .greater, precedence: 5, associativity: .none)
    case .greaterOrEqual:
      Infix(operation: .greaterOrEqual, precedence: 5, associativity: .none)
    case .update: Infix(operation: .update, precedence: 6, associativity: .right)
    case .plus: Infix(operation: .add, precedence: 8, associativity: .left)
    case .minus: Infix(operation: .subtract, precedence: 8, associativity: .left)
    case .times: Infix(operation: .multiply, precedence: 9, associativity: .left)
    case .divide: Infix(operation: .divide, precedence: 9, associativity: .left)
    case .concat: Infix(operation: .concat, precedence: 10, associativity: .right)
    default: nil
    }
  }

  /// `a |> f |> g` or `g <| f <| a`, not both without parentheses.
  mutating func parsePipe() throws(NixError) -> Expression {
    let start = position
    let first = try parseOperation(1)
    switch kind {
    case .pipeInto:
      var links = ContiguousArray<Chain.Link>()
      while kind == .pipeInto {
        advance()
        let place = position
        links.append(
          Chain.Link(
            operation: .pipeInto, operand: memory.own(try parseOperation(1)), position: place))
      }
      return Chain(first, memory.keep(links), at: start)
    case .pipeFrom:
      var functions = [first]
      while accept(.pipeFrom) { functions.append(try parseOperation(1)) }
      // To the right: the last is the argument of all before it.
      var result = functions.removeLast()
      for function in functions.reversed() {
        try descend()
        result = Call(function, memory.keep(CollectionOfOne<Expression>(result)), at: start)
      }
      for _ in functions { ascend() }
      return result
    default: return first
    }
  }

  /// An operation of operators that bind at least so tightly.
  mutating func parseOperation(_ minimum: Int) throws(NixError) -> Expression {
    let start = position
    var left = try parsePrefix()
    while true {
      if kind == .question, Self.hasAttributePrecedence >= minimum {
        advance()
        left = HasAttribute(left, try parseAttributePath(), at: start)
        continue
      }
      guard let infix, infix.precedence >= minimum else { return left }
      switch infix.associativity {
      case .left: left = try parseChain(left, infix.precedence, at: start)
      case .right: left = try parseRight(left, infix, at: start)
      case .none:
        advance()
        let place = position
        let operand = try parseOperation(infix.precedence + 1)
        let link = Chain.Link(
          operation: infix.operation, operand: memory.own(operand), position: place)
        left = Chain(left, memory.keep(CollectionOfOne(link)), at: start)
        if self.infix?.precedence == infix.precedence { throw unexpected() }
      }
    }
  }

  private mutating func parseChain(
    _ first: Expression, _ precedence: Int, at start: Position
  ) throws(NixError) -> Expression {
    var links = ContiguousArray<Chain.Link>()
    while let infix, infix.precedence == precedence {
      advance()
      let place = position
      let operand = try parseOperation(precedence + 1)
      links.append(
        Chain.Link(operation: infix.operation, operand: memory.own(operand), position: place))
    }
    return Chain(first, memory.keep(links), at: start)
  }

  private mutating func parseRight(
    _ first: Expression, _ infix: Infix, at start: Position
  ) throws(NixError) -> Expression {
    if infix.operation == .implies {
      try descend()
      defer { ascend() }
      advance()
      return Implication(first, try parseOperation(infix.precedence), at: start)
    }
    let mark = beginSeveral()
    several.append(first)
    while self.infix?.operation == infix.operation {
      advance()
      several.append(try parseOperation(infix.precedence + 1))
    }
    return Merge(infix.operation, endSeveral(mark), at: start)
  }

  private mutating func parsePrefix() throws(NixError) -> Expression {
    guard kind == .not || kind == .minus else { return try parseApplication() }
    try descend()
    defer { ascend() }
    let start = position
    let isNot = kind == .not
    advance()
    let operand = try parseOperation(isNot ? Self.notPrecedence : Self.negationPrecedence)
    return Prefix(isNot: isNot, operand, at: start)
  }

  private mutating func parseApplication() throws(NixError) -> Expression {
    let start = position
    let function = try parseSelection()
    guard beginsSimple else { return function }
    let mark = beginSeveral()
    while beginsSimple { several.append(try parseSelection()) }
    return Call(function, endSeveral(mark), at: start)
  }

  private var beginsSimple: Bool {
    switch kind {
    case .identifier, .integer, .float, .quote, .openIndented, .path, .homePath, .searchPath,
      .uri, .openParenthesis, .let, .rec, .openBrace, .openBracket:
      true
    default: false
    }
  }

  /// A simple expression, and what is selected from it.
  mutating func parseSelection() throws(NixError) -> Expression {
    let start = position
    let subject = try parseSimple()
    if accept(.dot) {
      let path = try parseAttributePath()
      guard accept(.or) else { return Selection(subject, path, fallback: nil, at: start) }
      try descend()
      defer { ascend() }
      return Selection(subject, path, fallback: try parseSelection(), at: start)
    }
    if kind == .or {
      // For old code: a name `or` may be the argument of what is before it.
      let argument = Variable(symbols.known.or, at: start)
      advance()
      return Call(subject, memory.keep(CollectionOfOne<Expression>(argument)), at: start)
    }
    return subject
  }
}
