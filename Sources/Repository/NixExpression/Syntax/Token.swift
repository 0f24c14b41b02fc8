/// A token of the language; its text, where it has one, is in the lexer's tables.
struct Token {
  enum Kind: UInt8 {
    case end
    /// Something that no token begins with, or the lexer's own error.
    case invalid
    // With a payload.
    case identifier, integer, float, uri, searchPath
    case stringText
    /// Literal text of an indented string, whose spaces count as indentation.
    case indentedText
    /// Escaped text of an indented string, which ends a line's indentation.
    case indentedEscape
    case path, homePath
    // Keywords.
    case `if`, then, `else`, assert, with, `let`, `in`, rec, inherit, or
    // Brackets and quotes.
    case openBrace, closeBrace, openParenthesis, closeParenthesis, openBracket, closeBracket
    case dollarBrace, quote, openIndented, closeIndented, pathEnd
    // Punctuation.
    case assign, semicolon, comma, colon, at, dot, ellipsis, question
    // Operators.
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case and, orOperator, implies, not, update, concat
    case plus, minus, times, divide
    case pipeInto, pipeFrom
  }

  let kind: Kind
  /// From the first byte of the source.
  let offset: UInt32
  /// What it means depends on the kind: a symbol, or an index into the lexer's integers, floats or texts; of a text
  /// that is as it is written, its length, negative.
  let payload: Int32
}

extension Token.Kind {
  /// As Nix's syntax errors name it.
  var phrase: String {
    switch self {
    case .end: "end of file"
    case .invalid: "invalid token"
    case .identifier: "ID"
    case .integer: "INT"
    case .float: "FLOAT"
    case .uri: "URI"
    case .searchPath: "SPATH"
    case .stringText: "STR"
    case .indentedText, .indentedEscape: "IND_STR"
    case .path: "PATH"
    case .homePath: "HPATH"
    case .openIndented: "IND_STRING_OPEN"
    case .closeIndented: "IND_STRING_CLOSE"
    case .pathEnd: "PATH_END"
    case .if, .then, .else, .assert, .with, .let, .in, .rec, .inherit: "\(self)".uppercased()
    case .or: "OR_KW"
    case .dollarBrace: "DOLLAR_CURLY"
    case .ellipsis: "ELLIPSIS"
    case .equal: "EQ"
    case .notEqual: "NEQ"
    case .lessOrEqual: "LEQ"
    case .greaterOrEqual: "GEQ"
    case .and: "AND"
    case .orOperator: "OR"
    case .implies: "IMPL"
    case .update: "UPDATE"
    case .concat: "CONCAT"
    case .pipeInto: "PIPE_INTO"
    case .pipeFrom: "PIPE_FROM"
    default: "'\(spelling)'"
    }
  }

  private var spelling: String {
    switch self {
    case .openBrace: "{"
    case .closeBrace: "}"
    case .openParenthesis: "("
    case .closeParenthesis: ")"
    case .openBracket: "["
    case .closeBracket: "]"
    case .quote: "\""
    case .assign: "="
    case .semicolon: ";"
    case .comma: ","
    case .colon: ":"
    case .at: "@"
    case .dot: "."
    case .question: "?"
    case .less: "<"
    case .greater: ">"
    case .not: "!"
    case .plus: "+"
    case .minus: "-"
    case .times: "*"
    case .divide: "/"
    default: "\(self)"
    }
  }
}
