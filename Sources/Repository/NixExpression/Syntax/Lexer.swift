import Glibc

/// Cuts a source into tokens, some hundred at a time.
///
/// Nix's lexer takes the longest match of its rules, and the first rule of those that match equally far; so `a/b`
/// is a path, `a:b` a URL and `1/2` a path. Which rules apply depends on the brackets and quotes that are open, a
/// stack that needs no parser.
struct Lexer {
  /// What is open.
  enum Mode {
    case code
    case string
    case indented
    /// Inside a path that may go on with text or `${`; true after a slash, where it must.
    case path(afterSlash: Bool)
  }

  let bytes: [UInt8]
  let symbols: SymbolTable
  var offset = 0
  var modes: [Mode] = []
  /// The tokens that the parser has not passed, and some that it has; the last of a source is `.end` or `.invalid`.
  private(set) var tokens: ContiguousArray<Token> = []
  private(set) var integers: ContiguousArray<Int64> = []
  private(set) var floats: ContiguousArray<Double> = []
  private(set) var texts: ContiguousArray<[UInt8]> = []
  /// Where the last token, blank or comment before the end begins.
  var lastOffset = 0
  // What was looked for in vain is not looked for again from within what was looked through: no source makes the
  // lexer take quadratic time.
  private var noPathBefore = 0
  private var noURIBefore = 0
  private var hasNoCommentEnd = false
  /// Why the last token is `.invalid`, if the lexer knows better than the parser.
  private(set) var failure: String?

  init(_ bytes: [UInt8], _ symbols: SymbolTable) {
    self.bytes = bytes
    self.symbols = symbols
  }

  private static let batch = 256

  /// Makes more tokens, if the source has more, and drops the first ones.
  ///
  /// - Returns: how many were dropped.
  mutating func proceed(dropping count: Int) -> Int {
    if let last = tokens.last?.kind, last == .end || last == .invalid { return 0 }
    tokens.removeFirst(count)
    while tokens.count < Self.batch {
      switch modes.last ?? .code {
      case .code: lexCode()
      case .string: lexString()
      case .indented: lexIndented()
      case .path(let afterSlash): lexPathRest(afterSlash)
      }
      if let last = tokens.last?.kind, last == .end || last == .invalid { break }
    }
    return count
  }

  /// The byte `distance` ahead; 0 at the end, which no rule matches.
  func peek(_ distance: Int = 0) -> UInt8 {
    let index = offset + distance
    return index < bytes.count ? bytes[index] : 0
  }

  mutating func emit(_ kind: Token.Kind, length: Int, payload: Int = 0) {
    emit(kind, at: offset, payload: payload)
    offset += length
  }

  mutating func emit(_ kind: Token.Kind, at offset: Int, payload: Int = 0) {
    tokens.append(Token(kind: kind, offset: UInt32(offset), payload: Int32(payload)))
    if kind != .end { lastOffset = offset }
  }

  mutating func emitText(_ kind: Token.Kind, _ text: [UInt8], at offset: Int) {
    texts.append(text)
    emit(kind, at: offset, payload: texts.count - 1)
  }

  /// A text that is the source from here on.
  mutating func emitWritten(_ kind: Token.Kind, length: Int) {
    emit(kind, length: length, payload: -length)
  }

  mutating func fail(_ reason: String? = nil, at offset: Int) {
    failure = reason
    emit(.invalid, at: offset)
  }

  // MARK: Code

  private mutating func lexCode() {
    skipBlanks()
    guard offset < bytes.count else { return emit(.end, length: 0) }
    let byte = bytes[offset]
    if byte.isIdentifierStart || byte.isPathCharacter || byte == UInt8(ascii: "/")
      || byte == UInt8(ascii: "~") || byte == UInt8(ascii: "<")
    {
      if lexLong(byte) { return }
    }
    lexPunctuation(byte)
  }

  private mutating func skipBlanks() {
    while offset < bytes.count {
      let start = offset
      defer { if offset > start { lastOffset = start } }
      switch bytes[offset] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        while peek().isBlank { offset += 1 }
      case UInt8(ascii: "#"):
        while offset < bytes.count, peek() != UInt8(ascii: "\n"), peek() != UInt8(ascii: "\r") {
          offset += 1
        }
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
        guard let end = endOfComment() else { return }
        offset = end
      default: return
      }
    }
  }

  /// Where the comment at the offset ends; nil if it never does, and then it is no comment.
  private mutating func endOfComment() -> Int? {
    if hasNoCommentEnd { return nil }
    var index = offset + 2
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "*"), bytes[index + 1] == UInt8(ascii: "/") {
        return index + 2
      }
      index += 1
    }
    hasNoCommentEnd = true
    return nil
  }

  /// Takes an identifier, number, path, URL or `<name>`; false if none begins here.
  private mutating func lexLong(_ byte: UInt8) -> Bool {
    if byte.isIdentifierStart {
      // Where none of these follows, it begins neither a path nor a URL.
      let length = lengthOfIdentifier()
      switch peek(length) {
      case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: ":"): break
      default:
        lexIdentifier(length)
        return true
      }
    }
    if byte == UInt8(ascii: "~") { return lexHomePath() }
    if byte == UInt8(ascii: "<") { return lexSearchPath() }
    let pathLength = offset < noPathBefore ? 0 : lengthOfPath()
    if byte.isIdentifierStart {
      if byte != UInt8(ascii: "_"), lexURI(longerThan: pathLength) { return true }
      if pathLength == 0 {
        lexIdentifier(lengthOfIdentifier())
        return true
      }
    } else if byte.isDigit || byte == UInt8(ascii: "."), pathLength == 0 {
      return lexNumber()
    }
    guard pathLength > 0 else { return false }
    startPath(.path, length: pathLength)
    return true
  }

  /// A path's length, or that of its first part where `${` follows; 0 if there is none.
  private mutating func lengthOfPath() -> Int {
    var run = 0
    while peek(run).isPathCharacter { run += 1 }
    let length = lengthOfPath(after: run)
    if length == 0 { noPathBefore = offset + run }
    return length
  }

  private mutating func lexURI(longerThan pathLength: Int) -> Bool {
    guard offset >= noURIBefore else { return false }
    var scheme = 1
    while peek(scheme).isSchemeCharacter { scheme += 1 }
    let length = lengthOfURI(after: scheme)
    if length == 0 { noURIBefore = offset + scheme }
    guard length > max(lengthOfIdentifier(), pathLength) else { return false }
    emitWritten(.uri, length: length)
    return true
  }

  private mutating func lexIdentifier(_ length: Int) {
    if length <= 7, let keyword = keyword(length) { return emit(keyword, length: length) }
    let symbol = symbols.intern(bytes.span.extracting(offset..<offset + length))
    emit(.identifier, length: length, payload: Int(symbol.index))
  }

  private func keyword(_ length: Int) -> Token.Kind? {
    // The first byte decides for nearly all identifiers.
    switch bytes[offset] {
    case UInt8(ascii: "i"):
      if isHere("if", length) { return .if }
      if isHere("in", length) { return .in }
      return isHere("inherit", length) ? .inherit : nil
    case UInt8(ascii: "t"): return isHere("then", length) ? .then : nil
    case UInt8(ascii: "e"): return isHere("else", length) ? .else : nil
    case UInt8(ascii: "a"): return isHere("assert", length) ? .assert : nil
    case UInt8(ascii: "w"): return isHere("with", length) ? .with : nil
    case UInt8(ascii: "l"): return isHere("let", length) ? .let : nil
    case UInt8(ascii: "r"): return isHere("rec", length) ? .rec : nil
    case UInt8(ascii: "o"): return isHere("or", length) ? .or : nil
    default: return nil
    }
  }

  private func isHere(_ word: StaticString, _ length: Int) -> Bool {
    guard word.utf8CodeUnitCount == length else { return false }
    for index in 0..<length where unsafe word.utf8Start[index] != bytes[offset + index] {
      return false
    }
    return true
  }

  // MARK: Numbers

  private mutating func lexNumber() -> Bool {
    let float = lengthOfFloat()
    if float > 0 {
      lexFloat(float)
      return true
    }
    var length = 0
    while peek(length).isDigit { length += 1 }
    guard length > 0 else { return false }
    let text = String(decoding: bytes[offset..<offset + length], as: UTF8.self)
    guard let value = Int64(text) else {
      fail("invalid integer '\(text)'", at: offset)
      return true
    }
    integers.append(value)
    emit(.integer, length: length, payload: integers.count - 1)
    return true
  }

  private mutating func lexFloat(_ length: Int) {
    let text = String(decoding: bytes[offset..<offset + length], as: UTF8.self)
    guard let value = parseFloat(text) else {
      return fail("invalid float '\(text)'", at: offset)
    }
    floats.append(value)
    emit(.float, length: length, payload: floats.count - 1)
  }

  /// `([1-9][0-9]*\.[0-9]*|0?\.[0-9]+)([Ee][+-]?[0-9]+)?`, or 0.
  private func lengthOfFloat() -> Int {
    var length = 0
    while peek(length).isDigit { length += 1 }
    guard peek(length) == UInt8(ascii: ".") else { return 0 }
    let isPlain = length > 0 && peek() != UInt8(ascii: "0")
    guard isPlain || length == 0 || (length == 1 && peek() == UInt8(ascii: "0")) else { return 0 }
    length += 1
    let fraction = length
    while peek(length).isDigit { length += 1 }
    guard isPlain || length > fraction else { return 0 }
    if peek(length) | 0x20 == UInt8(ascii: "e") {
      var exponent = length + 1
      if peek(exponent) == UInt8(ascii: "+") || peek(exponent) == UInt8(ascii: "-") {
        exponent += 1
      }
      if peek(exponent).isDigit {
        while peek(exponent).isDigit { exponent += 1 }
        length = exponent
      }
    }
    return length
  }

  private func lengthOfIdentifier() -> Int {
    var length = 1
    while peek(length).isIdentifierPart { length += 1 }
    return length
  }
}

/// The value of a decimal floating point number; nil if it is out of range, as `strtod` says.
func parseFloat(_ text: String) -> Double? {
  errno = 0
  let value = unsafe strtod(text, nil)
  return errno == 0 ? value : nil
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == 0x20 || self == 0x0a || self == 0x0d || self == 0x09 }

  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  var isLetter: Bool {
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
  }

  var isIdentifierStart: Bool { isLetter || self == UInt8(ascii: "_") }

  var isIdentifierPart: Bool {
    isIdentifierStart || isDigit || self == UInt8(ascii: "'") || self == UInt8(ascii: "-")
  }

  /// `[a-zA-Z0-9._+-]`
  var isPathCharacter: Bool {
    isIdentifierStart || isDigit || self == UInt8(ascii: ".") || self == UInt8(ascii: "-")
      || self == UInt8(ascii: "+")
  }
}
