extension Lexer {
  /// Takes an operator, bracket or quote.
  mutating func lexPunctuation(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "{"):
      emit(.openBrace, length: 1)
      modes.append(.code)
    case UInt8(ascii: "}"):
      emit(.closeBrace, length: 1)
      _ = modes.popLast()
    case UInt8(ascii: "$") where peek(1) == UInt8(ascii: "{"):
      emit(.dollarBrace, length: 2)
      modes.append(.code)
    case UInt8(ascii: "\""):
      emit(.quote, length: 1)
      modes.append(.string)
    case UInt8(ascii: "'") where peek(1) == UInt8(ascii: "'"): openIndented()
    case UInt8(ascii: "("): emit(.openParenthesis, length: 1)
    case UInt8(ascii: ")"): emit(.closeParenthesis, length: 1)
    case UInt8(ascii: "["): emit(.openBracket, length: 1)
    case UInt8(ascii: "]"): emit(.closeBracket, length: 1)
    case UInt8(ascii: ";"): emit(.semicolon, length: 1)
    case UInt8(ascii: ","): emit(.comma, length: 1)
    case UInt8(ascii: ":"): emit(.colon, length: 1)
    case UInt8(ascii: "@"): emit(.at, length: 1)
    case UInt8(ascii: "?"): emit(.question, length: 1)
    case UInt8(ascii: "*"): emit(.times, length: 1)
    case UInt8(ascii: "."):
      let isEllipsis = peek(1) == byte && peek(2) == byte
      emit(isEllipsis ? .ellipsis : .dot, length: isEllipsis ? 3 : 1)
    default: lexOperator(byte, peek(1))
    }
  }

  /// Takes an operator that may be two bytes long.
  private mutating func lexOperator(_ byte: UInt8, _ next: UInt8) {
    switch (byte, next) {
    case (UInt8(ascii: "="), UInt8(ascii: "=")): emit(.equal, length: 2)
    case (UInt8(ascii: "!"), UInt8(ascii: "=")): emit(.notEqual, length: 2)
    case (UInt8(ascii: "<"), UInt8(ascii: "=")): emit(.lessOrEqual, length: 2)
    case (UInt8(ascii: ">"), UInt8(ascii: "=")): emit(.greaterOrEqual, length: 2)
    case (UInt8(ascii: "&"), UInt8(ascii: "&")): emit(.and, length: 2)
    case (UInt8(ascii: "|"), UInt8(ascii: "|")): emit(.orOperator, length: 2)
    case (UInt8(ascii: "|"), UInt8(ascii: ">")): emit(.pipeInto, length: 2)
    case (UInt8(ascii: "<"), UInt8(ascii: "|")): emit(.pipeFrom, length: 2)
    case (UInt8(ascii: "-"), UInt8(ascii: ">")): emit(.implies, length: 2)
    case (UInt8(ascii: "/"), UInt8(ascii: "/")): emit(.update, length: 2)
    case (UInt8(ascii: "+"), UInt8(ascii: "+")): emit(.concat, length: 2)
    case (UInt8(ascii: "="), _): emit(.assign, length: 1)
    case (UInt8(ascii: "!"), _): emit(.not, length: 1)
    case (UInt8(ascii: "<"), _): emit(.less, length: 1)
    case (UInt8(ascii: ">"), _): emit(.greater, length: 1)
    case (UInt8(ascii: "+"), _): emit(.plus, length: 1)
    case (UInt8(ascii: "-"), _): emit(.minus, length: 1)
    case (UInt8(ascii: "/"), _): emit(.divide, length: 1)
    default: fail(at: offset)
    }
  }

  /// `''`, and with it the rest of its line if that is only spaces.
  private mutating func openIndented() {
    emit(.openIndented, length: 2)
    modes.append(.indented)
    var length = 0
    while peek(length) == UInt8(ascii: " ") { length += 1 }
    if peek(length) == UInt8(ascii: "\n") { offset += length + 1 }
  }
}
