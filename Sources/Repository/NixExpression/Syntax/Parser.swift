/// Makes the expression of a source, one method per production of Nix's grammar.
struct Parser {
  let source: Source
  /// What relative paths start from.
  let directory: [UInt8]
  let home: [UInt8]?
  let symbols: SymbolTable
  private let sources: SourceMap
  private let nesting: Int
  let memory: SyntaxMemory
  let heap: Heap
  private var lexer: Lexer
  private var index = 0
  private var depth = 0
  /// How deep the expressions are nested at most.
  private(set) var deepest = 0
  /// Expressions that belong to lists, calls and chains that are still being read, the innermost last.
  var several = ContiguousArray<Expression>()
  /// Steps of paths that are still being read.
  var steps = ContiguousArray<PathStep>()

  init(
    _ source: Source, directory: [UInt8], home: [UInt8]?, symbols: SymbolTable,
    sources: SourceMap, memory: SyntaxMemory, heap: Heap, nesting: Int
  ) {
    self.source = source
    self.directory = directory
    self.home = home
    self.symbols = symbols
    self.sources = sources
    self.memory = memory
    self.heap = heap
    self.nesting = nesting
    lexer = Lexer(source.bytes, symbols)
    _ = lexer.proceed(dropping: 0)
  }

  /// The whole source as one expression.
  mutating func parse() throws(NixError) -> Expression {
    if let zero = source.bytes.firstIndex(of: 0) {
      throw failure(
        "syntax error, unexpected zero byte", at: Position(offset: source.base + UInt32(zero)))
    }
    let expression = try parseExpression()
    guard kind == .end else { throw unexpected("end of file") }
    return expression
  }

  // MARK: Tokens

  var kind: Token.Kind { lexer.tokens[index].kind }
  var payload: Int { Int(lexer.tokens[index].payload) }
  var position: Position { Position(offset: source.base + lexer.tokens[index].offset) }
  var text: [UInt8] {
    payload < 0 ? Array(source.bytes[writtenText]) : lexer.texts[payload]
  }

  /// Where the text of a token is in the source, if it is as it is written there.
  private var writtenText: Range<Int> {
    let offset = Int(lexer.tokens[index].offset)
    return offset..<offset - payload
  }

  /// The text of a token as a value has it.
  var tokenText: Text {
    payload < 0
      ? heap.text(source.bytes.span.extracting(writtenText)) : heap.text(lexer.texts[payload])
  }

  /// The text of a token as a name.
  var textSymbol: Symbol {
    payload < 0
      ? symbols.intern(source.bytes.span.extracting(writtenText))
      : symbols.intern(lexer.texts[payload])
  }

  var symbol: Symbol { Symbol(index: lexer.tokens[index].payload) }

  func kind(ahead distance: Int) -> Token.Kind {
    // The last token is `.end` or `.invalid`, which nothing goes beyond.
    index + distance < lexer.tokens.count ? lexer.tokens[index + distance].kind : .end
  }

  mutating func advance() {
    guard index + 1 < lexer.tokens.count else { return }
    index += 1
    // `kind(ahead:)` looks two further.
    if index + 2 >= lexer.tokens.count { index -= lexer.proceed(dropping: index) }
  }

  mutating func accept(_ expected: Token.Kind) -> Bool {
    guard kind == expected else { return false }
    advance()
    return true
  }

  mutating func expect(_ expected: Token.Kind) throws(NixError) {
    guard accept(expected) else { throw unexpected(expected.phrase) }
  }

  func place(_ position: Position) -> NixError.Place? { sources.place(position) }

  func failure(_ message: String, at position: Position) -> NixError {
    NixError(.syntax, message, at: sources.place(position))
  }

  func unexpected(_ expected: String? = nil) -> NixError {
    if kind == .invalid, let reason = lexer.failure { return failure(reason, at: position) }
    // As Nix: the end of the file is reported where the last token, blank or comment begins.
    let place =
      kind == .end ? Position(offset: source.base + UInt32(lexer.lastOffset)) : position
    let suffix = expected.map { ", expecting \($0)" } ?? ""
    return failure("syntax error, unexpected \(kind.phrase)\(suffix)", at: place)
  }

  /// Counts one more level of nesting; every recursion of the parser passes here.
  mutating func descend() throws(NixError) {
    depth += 1
    deepest = max(deepest, depth)
    guard depth <= nesting else {
      throw NixError(
        .limit, "expressions are nested more than \(nesting) deep", at: sources.place(position))
    }
  }

  mutating func ascend() { depth -= 1 }

  /// Begins a list of expressions, which are then added to `several`.
  func beginSeveral() -> Int { several.count }

  /// The expressions that were added since.
  mutating func endSeveral(_ mark: Int) -> Slots<Code> {
    defer { several.removeSubrange(mark...) }
    return memory.keep(several[mark...])
  }

  // MARK: Expressions

  mutating func parseExpression() throws(NixError) -> Expression {
    try descend()
    defer { ascend() }
    switch kind {
    case .identifier where kind(ahead: 1) == .colon || kind(ahead: 1) == .at:
      return try parseNamedLambda()
    case .openBrace where beginsFormals: return try parseFormalsLambda()
    case .assert: return try parseAssertion()
    case .with: return try parseWith()
    case .let where kind(ahead: 1) != .openBrace: return try parseLet()
    case .if: return try parseConditional()
    default: return try parsePipe()
    }
  }

  private mutating func parseAssertion() throws(NixError) -> Expression {
    let start = position
    advance()
    let from = Int(lexer.tokens[index].offset)
    let condition = try parseExpression()
    let text = source.bytes[from..<max(from, Int(lexer.tokens[index].offset))].prefix(200)
    try expect(.semicolon)
    var written = String(decoding: text, as: UTF8.self)
    while written.last?.isWhitespace == true { written.removeLast() }
    return Assertion(condition, try parseExpression(), text: written, at: start)
  }

  private mutating func parseWith() throws(NixError) -> Expression {
    let start = position
    advance()
    let set = try parseExpression()
    try expect(.semicolon)
    return With(set, try parseExpression(), at: start)
  }

  private mutating func parseLet() throws(NixError) -> Expression {
    let start = position
    advance()
    let bindings = SetExpression(isRecursive: true, memory, at: start)
    try parseBindings(of: bindings, until: .in)
    guard bindings.dynamic.isEmpty else {
      throw failure("dynamic attributes not allowed in let", at: start)
    }
    return Let(bindings, try parseExpression(), at: start)
  }

  private mutating func parseConditional() throws(NixError) -> Expression {
    let start = position
    advance()
    let condition = try parseExpression()
    try expect(.then)
    let consequence = try parseExpression()
    try expect(.else)
    return Conditional(condition, consequence, try parseExpression(), at: start)
  }

  // MARK: Functions

  /// Whether the brace here opens a function's formals and not a set.
  private var beginsFormals: Bool {
    switch kind(ahead: 1) {
    case .ellipsis: return true
    case .closeBrace: return kind(ahead: 2) == .colon || kind(ahead: 2) == .at
    case .identifier:
      return [.comma, .question, .closeBrace].contains(kind(ahead: 2))
    default: return false
    }
  }

  private mutating func parseNamedLambda() throws(NixError) -> Expression {
    let start = position
    let name = symbol
    advance()
    var formals: Lambda.Formals?
    if accept(.at) {
      formals = try parseFormals()
      try check(name, isNoneOf: formals, start)
    }
    try expect(.colon)
    return Lambda(
      argument: name, formals: formals, body: try parseExpression(), at: start)
  }

  private mutating func parseFormalsLambda() throws(NixError) -> Expression {
    let start = position
    let formals = try parseFormals()
    var name: Symbol?
    if accept(.at) {
      guard kind == .identifier else { throw unexpected("ID") }
      name = symbol
      try check(symbol, isNoneOf: formals, start)
      advance()
      try expect(.colon)
    } else {
      guard accept(.colon) else { throw unexpected("':' or '@'") }
    }
    return Lambda(argument: name, formals: formals, body: try parseExpression(), at: start)
  }

  private func check(
    _ name: Symbol, isNoneOf formals: Lambda.Formals?, _ place: Position
  ) throws(NixError) {
    if formals?.list.contains(where: { $0.symbol == name }) == true {
      throw failure(
        "duplicate formal function argument '\(symbols.text(name))'", at: place)
    }
  }

  private mutating func parseFormals() throws(NixError) -> Lambda.Formals {
    try expect(.openBrace)
    var list = ContiguousArray<Lambda.Formal>()
    var seen: Set<Symbol> = []
    var hasEllipsis = false
    while kind != .closeBrace {
      if accept(.ellipsis) {
        hasEllipsis = true
        break
      }
      guard kind == .identifier else { throw unexpected() }
      let (formal, place) = (symbol, position)
      guard seen.insert(formal).inserted else {
        throw failure(
          "duplicate formal function argument '\(symbols.text(formal))'", at: place)
      }
      advance()
      let defaultValue = accept(.question) ? memory.own(try parseExpression()) : nil
      list.append(Lambda.Formal(symbol: formal, position: place, defaultValue: defaultValue))
      guard accept(.comma) else { break }
    }
    try expect(.closeBrace)
    return Lambda.Formals(list: memory.keep(list), hasEllipsis: hasEllipsis)
  }
}

extension Parser {
  func integer() -> Value { .int(lexer.integers[payload]) }
  func float() -> Value { .float(lexer.floats[payload]) }
}
