/// Reads TOML 1.0 into values, as Nix does: integers and floats that are too large become the largest, a header may
/// open a table that dotted keys made, and dates and times are refused.
struct TOMLReader {
  let bytes: [UInt8]
  let evaluator: Evaluator
  let position: Position
  var index = 0
  /// The table of the last header.
  private var current: TOMLTable

  /// The most parts of one key, so that tables nest as deep as a stack allows.
  private static let maximumParts = 1000

  init(_ bytes: [UInt8], _ evaluator: Evaluator, _ position: Position) {
    self.bytes = bytes
    self.evaluator = evaluator
    self.position = position
    current = TOMLTable(.header)
  }

  mutating func read() throws(NixError) -> Value {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw failure("it is not UTF-8")
    }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
    let root = current
    while try skipLines() {
      if byte == UInt8(ascii: "[") { try readHeader(root) } else { try readPair(into: current) }
      try endLine()
    }
    return try value(of: root)
  }

  func failure(_ reason: String) -> NixError {
    evaluator.error(
      .argument, "while parsing a TOML string: \(reason), at byte \(index)", at: position)
  }

  // MARK: Bytes and lines

  var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

  mutating func accept(_ expected: UInt8) -> Bool {
    guard byte == expected else { return false }
    index += 1
    return true
  }

  mutating func accept(_ expected: String) -> Bool {
    guard bytes[index...].starts(with: expected.utf8) else { return false }
    index += expected.utf8.count
    return true
  }

  mutating func skipBlanks() {
    while byte == 0x20 || byte == 0x09 { index += 1 }
  }

  mutating func acceptLineEnd() -> Bool { accept("\n") || accept("\r\n") }

  private mutating func skipComment() throws(NixError) {
    guard accept(UInt8(ascii: "#")) else { return }
    while let byte, byte >= 0x20 && byte != 0x7f || byte == 0x09 { index += 1 }
  }

  /// Skips blanks, comments and ends of lines; false at the end of the text.
  @discardableResult
  mutating func skipLines() throws(NixError) -> Bool {
    repeat {
      skipBlanks()
      try skipComment()
    } while acceptLineEnd()
    return index < bytes.count
  }

  private mutating func endLine() throws(NixError) {
    skipBlanks()
    try skipComment()
    guard index == bytes.count || acceptLineEnd() else { throw failure("the line goes on") }
  }

  // MARK: Keys

  /// `a.b.'c d'`
  private mutating func readKey() throws(NixError) -> [Symbol] {
    var parts: [Symbol] = []
    repeat {
      skipBlanks()
      parts.append(evaluator.symbols.intern(try readKeyPart()))
      skipBlanks()
    } while accept(UInt8(ascii: "."))
    guard parts.count <= Self.maximumParts else {
      throw NixError(.limit, "a key of TOML has more than \(Self.maximumParts) parts")
    }
    return parts
  }

  private mutating func readKeyPart() throws(NixError) -> [UInt8] {
    switch byte {
    case UInt8(ascii: "\"")?: return try readBasicString()
    case UInt8(ascii: "'")?: return try readLiteralString()
    default:
      let start = index
      while let byte, byte.isBareKeyCharacter { index += 1 }
      guard index > start else { throw failure("no key") }
      return Array(bytes[start..<index])
    }
  }

  /// `key = value`
  mutating func readPair(into table: TOMLTable) throws(NixError) {
    let key = try readKey()
    guard accept(UInt8(ascii: "=")) else { throw failure("no '=' after a key") }
    skipBlanks()
    let value = try readValue()
    var table = table
    for part in key.dropLast() {
      switch table.entries[part] {
      case nil:
        let next = TOMLTable(.dotted)
        try insert(.table(next), part, into: table)
        table = next
      case .table(let next)? where next.origin == .dotted: table = next
      default: throw repeated(part)
      }
    }
    guard let last = key.last else { return }
    guard table.entries[last] == nil else { throw repeated(last) }
    try insert(.value(value), last, into: table)
  }

  // MARK: Tables

  /// `[a.b]` or `[[a.b]]`
  private mutating func readHeader(_ root: TOMLTable) throws(NixError) {
    index += 1
    let isElement = accept(UInt8(ascii: "["))
    let key = try readKey()
    guard accept(isElement ? "]]" : "]") else { throw failure("a header is not closed") }
    var table = root
    for part in key.dropLast() {
      switch table.entries[part] {
      case nil:
        let next = TOMLTable(.implied)
        try insert(.table(next), part, into: table)
        table = next
      case .table(let next)?: table = next
      case .tables(let all)?: table = all.last
      case .value?: throw repeated(part)
      }
    }
    guard let last = key.last else { return }
    current = try isElement ? addElement(last, of: table) : openTable(last, of: table)
  }

  private func openTable(_ name: Symbol, of table: TOMLTable) throws(NixError) -> TOMLTable {
    switch table.entries[name] {
    case nil:
      let new = TOMLTable(.header)
      try insert(.table(new), name, into: table)
      return new
    case .table(let known)? where known.origin != .header:
      known.origin = .header
      return known
    default: throw repeated(name)
    }
  }

  private func addElement(_ name: Symbol, of table: TOMLTable) throws(NixError) -> TOMLTable {
    let new = TOMLTable(.header)
    switch table.entries[name] {
    case nil: try insert(.tables(TOMLTables(new)), name, into: table)
    case .tables(let all)?:
      try count()
      all.append(new)
    default: throw repeated(name)
    }
    return new
  }

  private func repeated(_ name: Symbol) -> NixError {
    failure("'\(evaluator.symbols.text(name))' is there already")
  }

  private func insert(
    _ node: TOMLTable.Node, _ name: Symbol, into table: TOMLTable
  ) throws(NixError) {
    try count()
    table.entries[name] = node
  }

  /// Counts what one entry of a table takes until it is a value.
  private func count() throws(NixError) {
    try evaluator.check(memoryFor: 1, each: 128)
    evaluator.heap.charge(128)
  }

  /// The set that a table is, with all below it.
  func value(of table: TOMLTable) throws(NixError) -> Value {
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    var builder = AttributeBuilder(capacity: table.entries.count)
    for (name, node) in table.entries {
      switch node {
      case .value(let value): builder.add(name, value)
      case .table(let inner): builder.add(name, try value(of: inner))
      case .tables(let all):
        var elements = ContiguousArray<Value>()
        for element in all.elements { elements.append(try value(of: element)) }
        builder.add(name, try evaluator.list(elements))
      }
    }
    return .attributes(evaluator.set(builder))
  }

  /// Counts a level of nesting around the body.
  mutating func nested<Result>(
    _ body: (inout TOMLReader) throws(NixError) -> Result
  ) throws(NixError) -> Result {
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    return try body(&self)
  }
}

/// A table that may still grow.
final class TOMLTable {
  enum Origin {
    /// Named by a header of its own, which is possible once.
    case header
    /// The outer part of a header.
    case implied
    /// The outer part of a dotted key.
    case dotted
  }

  enum Node {
    /// What nothing is added to: also arrays and tables in one line.
    case value(Value)
    case table(TOMLTable)
    case tables(TOMLTables)
  }

  var origin: Origin
  var entries: [Symbol: Node] = [:]

  init(_ origin: Origin) { self.origin = origin }
}

/// The tables of `[[name]]`: at least one.
final class TOMLTables {
  private(set) var elements: [TOMLTable] = []
  private(set) var last: TOMLTable

  init(_ first: TOMLTable) {
    elements = [first]
    last = first
  }

  func append(_ table: TOMLTable) {
    elements.append(table)
    last = table
  }
}

extension UInt8 {
  fileprivate var isBareKeyCharacter: Bool {
    isLetter || isDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "-")
  }
}
