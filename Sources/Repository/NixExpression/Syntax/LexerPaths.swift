/// Paths, URLs and `<names>`.
extension Lexer {
  /// `PATH_CHAR*(/PATH_CHAR+)+/?`, or `PATH_CHAR*/` where `${` follows, or 0; the first run is known.
  func lengthOfPath(after run: Int) -> Int {
    guard peek(run) == UInt8(ascii: "/") else { return 0 }
    if peek(run + 1).isPathCharacter { return lengthOfSegments(from: run) }
    let isInterpolated = peek(run + 1) == UInt8(ascii: "$") && peek(run + 2) == UInt8(ascii: "{")
    return isInterpolated ? run + 1 : 0
  }

  /// `(/PATH_CHAR+)*/?` at a distance; returns the distance of its end.
  private func lengthOfSegments(from distance: Int) -> Int {
    var length = distance
    while peek(length) == UInt8(ascii: "/"), peek(length + 1).isPathCharacter {
      length += 1
      while peek(length).isPathCharacter { length += 1 }
    }
    return peek(length) == UInt8(ascii: "/") ? length + 1 : length
  }

  /// Takes the first part of a path and enters it.
  mutating func startPath(_ kind: Token.Kind, length: Int) {
    emitWritten(kind, length: length)
    modes.append(.path(afterSlash: bytes[offset - 1] == UInt8(ascii: "/")))
  }

  /// Takes what may follow inside a path: text, `${`, or its end.
  mutating func lexPathRest(_ afterSlash: Bool) {
    if peek() == UInt8(ascii: "$"), peek(1) == UInt8(ascii: "{") {
      modes[modes.count - 1] = .path(afterSlash: false)
      emit(.dollarBrace, length: 2)
      return modes.append(.code)
    }
    var length = 0
    while peek(length).isPathCharacter { length += 1 }
    length = lengthOfSegments(from: length)
    if length > 0 {
      modes.removeLast()
      return startPath(.stringText, length: length)
    }
    if afterSlash { return fail("path has a trailing slash", at: lastOffset) }
    modes.removeLast()
    emit(.pathEnd, length: 0)
  }

  /// `~(/PATH_CHAR+)+/?`, or `~/` before `${`.
  mutating func lexHomePath() -> Bool {
    guard peek(1) == UInt8(ascii: "/") else { return false }
    if peek(2).isPathCharacter {
      startPath(.homePath, length: lengthOfSegments(from: 1))
    } else if peek(2) == UInt8(ascii: "$"), peek(3) == UInt8(ascii: "{") {
      startPath(.homePath, length: 2)
    } else {
      return false
    }
    return true
  }

  /// `<PATH_CHAR+(/PATH_CHAR+)*>`
  mutating func lexSearchPath() -> Bool {
    var length = 1
    while peek(length).isPathCharacter
      || (peek(length) == UInt8(ascii: "/") && length > 1 && peek(length + 1).isPathCharacter)
    {
      length += 1
    }
    guard length > 1, peek(length) == UInt8(ascii: ">") else { return false }
    emitText(.searchPath, Array(bytes[offset + 1..<offset + length]), at: offset)
    offset += length + 1
    return true
  }

  /// `[a-zA-Z][a-zA-Z0-9+.-]*:[a-zA-Z0-9%/?:@&=+$,_.!~*'-]+`, or 0; the scheme's length is known.
  func lengthOfURI(after scheme: Int) -> Int {
    guard peek(scheme) == UInt8(ascii: ":") else { return 0 }
    var length = scheme + 1
    while peek(length).isURICharacter { length += 1 }
    return length > scheme + 1 ? length : 0
  }
}

extension UInt8 {
  var isSchemeCharacter: Bool {
    isLetter || isDigit || self == UInt8(ascii: "+") || self == UInt8(ascii: "-")
      || self == UInt8(ascii: ".")
  }

  fileprivate var isURICharacter: Bool {
    if isLetter || isDigit { return true }
    switch self {
    case UInt8(ascii: "%"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: ":"),
      UInt8(ascii: "@"), UInt8(ascii: "&"), UInt8(ascii: "="), UInt8(ascii: "+"),
      UInt8(ascii: "$"), UInt8(ascii: ","), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "~"), UInt8(ascii: "*"),
      UInt8(ascii: "'"):
      return true
    default: return false
    }
  }
}
