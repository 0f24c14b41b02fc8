/// A regular expression as a tree.
indirect enum Pattern {
  case empty
  case byte(ByteSet)
  case lineBegin
  case lineEnd
  case group(Int, Pattern)
  case sequence([Pattern])
  case alternatives([Pattern])
  /// Once or more often: unlike `{1,}` the same pattern again and again, not a copy and then another.
  case oneOrMore(Pattern)
  /// From `least` times to `most`, or without end.
  case repeated(Pattern, least: Int, most: Int?)

  /// Whether it may match nothing.
  var isNullable: Bool {
    switch self {
    case .empty, .lineBegin, .lineEnd: true
    case .byte: false
    case .group(_, let body), .oneOrMore(let body): body.isNullable
    case .sequence(let parts): parts.allSatisfy(\.isNullable)
    case .alternatives(let parts): parts.contains(where: \.isNullable)
    case .repeated(let body, let least, _): least == 0 || body.isNullable
    }
  }
}

/// Reads a POSIX extended regular expression as strictly as Nix does, whose is the C++ library's.
///
/// A backslash stands only before what it takes the meaning from, and not in brackets; a repetition follows something
/// that matches text; bytes are signed where they are compared, and have the classes of the C locale.
struct PatternParser {
  private let pattern: [UInt8]
  private var index = 0
  private var depth = 0
  private(set) var groups = 0

  /// What may stand after a backslash, and else has a meaning.
  private static let special = Array(#".[\()*+?{|^$"#.utf8)
  /// The most groups inside one another.
  private static let maximumDepth = 500

  init(_ pattern: [UInt8]) { self.pattern = pattern }

  mutating func parse() throws(NixError) -> Pattern {
    let result = try parseAlternatives()
    guard index == pattern.count else { throw invalid() }
    return result
  }

  private func invalid() -> NixError {
    NixError(
      .argument, "invalid regular expression '\(String(decoding: pattern, as: UTF8.self))'")
  }

  private var byte: UInt8? { index < pattern.count ? pattern[index] : nil }

  private mutating func accept(_ expected: UInt8) -> Bool {
    guard byte == expected else { return false }
    index += 1
    return true
  }

  private mutating func next() throws(NixError) -> UInt8 {
    guard let byte else { throw invalid() }
    index += 1
    return byte
  }

  private mutating func parseAlternatives() throws(NixError) -> Pattern {
    var parts = [try parseSequence()]
    while accept(UInt8(ascii: "|")) { parts.append(try parseSequence()) }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func parseSequence() throws(NixError) -> Pattern {
    var parts: [Pattern] = []
    while let part = try parseTerm() { parts.append(part) }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  /// One atom with what repeats it; nil where none begins.
  private mutating func parseTerm() throws(NixError) -> Pattern? {
    // What matches a place cannot be repeated.
    if accept(UInt8(ascii: "^")) { return .lineBegin }
    if accept(UInt8(ascii: "$")) { return .lineEnd }
    guard var atom = try parseAtom() else { return nil }
    while let byte {
      switch byte {
      case UInt8(ascii: "*"): atom = .repeated(atom, least: 0, most: nil)
      case UInt8(ascii: "+"): atom = .oneOrMore(atom)
      case UInt8(ascii: "?"): atom = .repeated(atom, least: 0, most: 1)
      case UInt8(ascii: "{"):
        index += 1
        atom = try parseInterval(of: atom)
        continue
      default: return atom
      }
      index += 1
    }
    return atom
  }

  private mutating func parseAtom() throws(NixError) -> Pattern? {
    guard let byte, !")*+?|".utf8.contains(byte) else { return nil }
    index += 1
    switch byte {
    case UInt8(ascii: "."): return .byte(.any)
    case UInt8(ascii: "("): return try parseGroup()
    case UInt8(ascii: "["): return .byte(try parseBracket())
    case UInt8(ascii: "\\"):
      let escaped = try next()
      guard Self.special.contains(escaped) else { throw invalid() }
      return .byte(ByteSet(escaped))
    case UInt8(ascii: "{"): throw invalid()
    default: return .byte(ByteSet(byte))
    }
  }

  private mutating func parseGroup() throws(NixError) -> Pattern {
    depth += 1
    guard depth <= Self.maximumDepth else {
      throw NixError(
        .limit, "a regular expression nests groups more than \(Self.maximumDepth) deep")
    }
    groups += 1
    let number = groups
    let body = try parseAlternatives()
    guard accept(UInt8(ascii: ")")) else { throw invalid() }
    depth -= 1
    return .group(number, body)
  }

  /// `2}`, `2,}` or `2,3}`
  private mutating func parseInterval(of atom: Pattern) throws(NixError) -> Pattern {
    guard let least = parseCount() else { throw invalid() }
    var most: Int? = least
    if accept(UInt8(ascii: ",")) { most = parseCount() }
    guard accept(UInt8(ascii: "}")), most.map({ $0 >= least }) ?? true else { throw invalid() }
    return .repeated(atom, least: least, most: most)
  }

  private mutating func parseCount() -> Int? {
    let start = index
    var count = 0
    while let byte, byte.isDigit {
      count = min(count * 10 + Int(byte - UInt8(ascii: "0")), 1 << 30)
      index += 1
    }
    return index > start ? count : nil
  }

  // MARK: Brackets

  /// What the last element was, of which a range may be made.
  private enum Last: Equatable {
    case nothing, set
    case byte(UInt8)
  }

  private mutating func parseBracket() throws(NixError) -> ByteSet {
    let isNegated = accept(UInt8(ascii: "^"))
    var set = ByteSet()
    var last = Last.nothing
    // What closes the bracket elsewhere is an element here, and so is a dash.
    if accept(UInt8(ascii: "]")) {
      last = .byte(UInt8(ascii: "]"))
    } else if accept(UInt8(ascii: "-")) {
      last = .byte(UInt8(ascii: "-"))
    }
    while true {
      let byte = try next()
      if case .byte(let element) = last { set.insert(element) }
      if byte == UInt8(ascii: "]") { return isNegated ? set.inverted : set }
      if byte == UInt8(ascii: "-") {
        if accept(UInt8(ascii: "]")) {
          set.insert(UInt8(ascii: "-"))
          return isNegated ? set.inverted : set
        }
        guard case .byte(let first) = last else { throw invalid() }
        try insertRange(from: first, into: &set)
        last = .nothing
      } else if byte == UInt8(ascii: "["), let mark = self.byte, ":.=".utf8.contains(mark) {
        last = try parseNamed(mark, into: &set)
      } else {
        last = .byte(byte)
      }
    }
  }

  private mutating func insertRange(from first: UInt8, into set: inout ByteSet) throws(NixError) {
    let end = try next()
    if end == UInt8(ascii: "["), let mark = byte, ":.=".utf8.contains(mark) { throw invalid() }
    let (low, high) = (Int8(bitPattern: first), Int8(bitPattern: end))
    guard end != UInt8(ascii: "]"), low <= high else { throw invalid() }
    for byte in low...high { set.insert(UInt8(bitPattern: byte)) }
  }

  /// `:alpha:]`, `.a.]` or `=a=]`
  private mutating func parseNamed(
    _ mark: UInt8, into set: inout ByteSet
  ) throws(NixError) -> Last {
    index += 1
    let start = index
    while let byte, byte != mark { index += 1 }
    let name = String(decoding: pattern[start..<index], as: UTF8.self)
    guard accept(mark), accept(UInt8(ascii: "]")) else { throw invalid() }
    if mark == UInt8(ascii: ":") {
      guard let members = ByteSet(class: name.lowercased()) else { throw invalid() }
      set.formUnion(members)
      return .set
    }
    guard let element = CollatingElements.byte(name) else { throw invalid() }
    if mark == UInt8(ascii: ".") { return .byte(element) }
    set.insert(element)
    // In the C locale letters are as good as their other case.
    if element.isLetter { set.insert(element ^ 0x20) }
    return .set
  }
}
