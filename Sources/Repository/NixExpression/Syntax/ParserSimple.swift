/// What needs no operator: names, literals, and everything in brackets or quotes.
extension Parser {
  mutating func parseSimple() throws(NixError) -> Expression {
    let start = position
    switch kind {
    case .identifier:
      let name = symbol
      advance()
      return name == symbols.known.currentPosition
        ? CurrentPosition(at: start) : Variable(name, at: start)
    case .integer: return literal(integer())
    case .float: return literal(float())
    case .uri: return literal(.string(tokenText))
    case .quote: return try parseString()
    case .openIndented: return try parseIndentedString()
    case .path, .homePath: return try parsePath()
    case .searchPath: return parseSearchPath()
    case .openParenthesis:
      advance()
      let expression = try parseExpression()
      try expect(.closeParenthesis)
      return expression
    case .openBracket: return try parseList()
    case .rec:
      advance()
      return try parseSet(isRecursive: true, at: start)
    case .openBrace: return try parseSet(isRecursive: false, at: start)
    case .let:
      advance()
      let set = try parseSet(isRecursive: true, at: start)
      return Selection(set, path(symbols.known.body), fallback: nil, at: start)
    default: throw unexpected()
    }
  }

  private mutating func literal(_ value: Value) -> Expression {
    defer { advance() }
    return Literal(value, at: position)
  }

  private mutating func parseList() throws(NixError) -> Expression {
    let start = position
    advance()
    let mark = beginSeveral()
    while kind != .closeBracket {
      // An element is no call, so it does not pass through `parseExpression`.
      try descend()
      several.append(try parseSelection())
      ascend()
    }
    advance()
    return ListExpression(endSeveral(mark), at: start)
  }

  private mutating func parseSet(
    isRecursive: Bool, at start: Position
  ) throws(NixError) -> Expression {
    // A `let` or `rec` may be without one.
    try expect(.openBrace)
    let set = SetExpression(isRecursive: isRecursive, memory, at: start)
    try descend()
    try parseBindings(of: set, until: .closeBrace)
    ascend()
    return set
  }

  /// `<a/b>`, which is `__findFile __nixPath "a/b"`.
  private mutating func parseSearchPath() -> Expression {
    let start = position
    let name = literal(.string(tokenText))
    return Call(
      Variable(symbols.known.findFile, at: start),
      memory.keep([Variable(symbols.known.nixPath, at: start), name] as [Expression]), at: start)
  }

  // MARK: Strings and paths

  mutating func parseString() throws(NixError) -> Expression {
    let start = position
    advance()
    var parts = ContiguousArray<StringPart>()
    while !accept(.quote) {
      guard kind == .stringText || kind == .dollarBrace else { throw unexpected("'\"'") }
      parts.append(try parsePart())
    }
    return joined(parts, at: start)
  }

  /// Text, or `${ e }`.
  private mutating func parsePart() throws(NixError) -> StringPart {
    let start = position
    if kind == .stringText {
      return StringPart(expression: literal(.string(tokenText)), position: start)
    }
    advance()
    let expression = try parseExpression()
    try expect(.closeBrace)
    return StringPart(expression: expression, position: start)
  }

  /// The string that parts make: a literal, which may name an attribute, if there is no `${…}`.
  private func joined(
    _ parts: ContiguousArray<StringPart>, at start: Position
  ) -> Expression {
    guard let first = parts.first else { return Literal(.string(heap.text("")), at: start) }
    if parts.count == 1, let literal = first.expression as? Literal,
      first.isText
    {
      return Literal(literal.value, at: start)
    }
    return Interpolation(memory.keep(parts), at: start)
  }

  private mutating func parseIndentedString() throws(NixError) -> Expression {
    let start = position
    advance()
    var parts: [IndentedString.Part] = []
    while !accept(.closeIndented) {
      let place = position
      switch kind {
      case .indentedText, .indentedEscape:
        parts.append(.text(text, isEscape: kind == .indentedEscape, place))
        advance()
      case .dollarBrace:
        let part = try parsePart()
        parts.append(.expression(part.expression, place))
      default: throw unexpected("IND_STR or DOLLAR_CURLY or IND_STRING_CLOSE")
      }
    }
    return joined(IndentedString(parts: parts).stripped(heap), at: start)
  }

  private mutating func parsePath() throws(NixError) -> Expression {
    let (start, written) = (position, text)
    let isHome = kind == .homePath
    advance()
    var parts = ContiguousArray<StringPart>()
    while !accept(.pathEnd) {
      guard kind == .stringText || kind == .dollarBrace else { throw unexpected() }
      parts.append(try parsePart())
    }
    // `a//b`: text follows the first part, but no `${`.
    if parts.count == 1, parts[0].expression is Literal, parts[0].isText {
      throw failure("syntax error, unexpected PATH_END, expecting DOLLAR_CURLY", at: start)
    }
    guard let path = absolute(written, isHome: isHome) else {
      return Refusal("'~' in a path: there is no home directory", at: start)
    }
    guard !parts.isEmpty else { return Literal(.path(heap.text(path)), at: start) }
    // The slash between the first part and the next is part of neither once normalised.
    let hasSlash = written.last == UInt8(ascii: "/") && path.count > 1
    let first = Literal(
      .path(heap.text(hasSlash ? path + [UInt8(ascii: "/")] : path)), at: start)
    parts.insert(StringPart(expression: first, position: start), at: 0)
    return PathInterpolation(memory.keep(parts), at: start)
  }

  /// The path that is written, from the root; nil for `~` without a home.
  private func absolute(_ written: [UInt8], isHome: Bool) -> [UInt8]? {
    if isHome {
      guard let home else { return nil }
      return normalised(home + written.dropFirst())
    }
    if written.first == UInt8(ascii: "/") { return normalised(written) }
    return normalised(directory + [UInt8(ascii: "/")] + written)
  }

  // MARK: Attributes

  mutating func parseAttributePath() throws(NixError) -> Slots<PathStep> {
    let first = try parseStep()
    guard kind == .dot else { return memory.keep(CollectionOfOne(first)) }
    let mark = steps.count
    steps.append(first)
    while accept(.dot) { steps.append(try parseStep()) }
    defer { steps.removeSubrange(mark...) }
    return memory.keep(steps[mark...])
  }

  private func path(_ name: Symbol) -> Slots<PathStep> {
    memory.keep(CollectionOfOne(.name(name)))
  }

  private mutating func parseStep() throws(NixError) -> PathStep {
    let expression: Expression
    switch kind {
    case .identifier:
      defer { advance() }
      return .name(symbol)
    case .or:
      advance()
      return .name(symbols.known.or)
    case .quote where kind(ahead: 1) == .stringText && kind(ahead: 2) == .quote:
      // By far the most frequent, and needs no expression made for it.
      advance()
      let name = textSymbol
      advance()
      advance()
      return .name(name)
    case .quote: expression = try parseString()
    case .dollarBrace:
      advance()
      expression = try parseExpression()
      try expect(.closeBrace)
    default: throw unexpected("ID or OR_KW or DOLLAR_CURLY or '\"'")
    }
    if let literal = expression as? Literal, case .string(let name) = literal.value {
      return .name(symbols.intern(name))
    }
    return .dynamic(expression)
  }

  /// The definitions of a set or `let`, and the token after them.
  mutating func parseBindings(
    of set: SetExpression, until end: Token.Kind
  ) throws(NixError) {
    while !accept(end) {
      switch kind {
      case .inherit: try parseInherit(into: set)
      case .identifier, .or, .quote, .dollarBrace:
        let start = position
        let path = try parseAttributePath()
        guard accept(.assign) else { throw unexpected("'.' or '='") }
        let value = try parseExpression()
        try expect(.semicolon)
        try add(value, at: path, to: set, start)
      default: throw unexpected()
      }
    }
  }

  private mutating func parseInherit(into set: SetExpression) throws(NixError) {
    let start = position
    // As in Nix, what is inherited is defined where the list of its names begins: after the last token.
    var definition = Position(offset: start.offset + 7)
    advance()
    var subject: Expression?
    if accept(.openParenthesis) {
      subject = Shared(try parseExpression(), at: start)
      definition = Position(offset: position.offset + 1)
      try expect(.closeParenthesis)
    }
    while !accept(.semicolon) {
      guard [.identifier, .or, .quote, .dollarBrace].contains(kind) else { throw unexpected() }
      let place = position
      guard case .name(let name) = try parseStep() else {
        throw failure("dynamic attributes not allowed in inherit", at: place)
      }
      if let previous = set.definition(of: name) {
        throw duplicate(path(name), previous.position, at: definition)
      }
      let value =
        subject.map { Selection($0, path(name), fallback: nil, at: place) }
        ?? Variable(name, at: place)
      set.add(
        SetExpression.Definition(
          symbol: name, position: definition, value: memory.own(value),
          isInherited: subject == nil))
    }
  }
}
