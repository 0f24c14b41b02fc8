/// Writes a value as XML, as `builtins.toXML` gives it: two spaces a level, attributes by name, functions by the names
/// of their arguments.
struct XMLWriter {
  private let evaluator: Evaluator
  private let position: Position
  private(set) var text: [UInt8] = Array("<?xml version='1.0' encoding='utf-8'?>\n".utf8)
  private var indentation = 0
  /// The derivations that were written whole; one that comes again is named only.
  private var derivations: Set<[UInt8]> = []

  init(_ evaluator: Evaluator, _ position: Position) {
    self.evaluator = evaluator
    self.position = position
  }

  mutating func write(document value: Value) throws(NixError) {
    open("expr")
    try write(value)
    close("expr")
  }

  private mutating func write(_ value: Value) throws(NixError) {
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    try evaluator.check(stringOf: text.count)
    switch try evaluator.force(value, at: position) {
    case .null: single("null")
    case .bool(let holds): single("bool", ("value", Array((holds ? "true" : "false").utf8)))
    case .int(let number): single("int", ("value", Array("\(number)".utf8)))
    case .float(let number):
      single("float", ("value", Array(formatted(number, "%g").utf8)))
    case .string(let bytes): single("string", ("value", Array(bytes)))
    case .path(let bytes): single("path", ("value", Array(bytes)))
    case .list(let list):
      open("list")
      for index in 0..<list.count { try write(list[index]) }
      close("list")
    case .attributes(let set): try write(set)
    case .closure(let closure): write(closure.lambda)
    case .primitive, .partial, .thunk: single("unevaluated")
    }
  }

  private mutating func write(_ set: AttributeSet) throws(NixError) {
    guard try isDerivation(set) else {
      open("attrs")
      try writeAttributes(of: set)
      return close("attrs")
    }
    let known = evaluator.symbols.known
    let drvPath = try string(evaluator.symbols.intern("drvPath"), of: set)
    let outPath = try string(known.outPath, of: set)
    open(
      "derivation",
      (drvPath.map { [("drvPath", $0)] } ?? []) + (outPath.map { [("outPath", $0)] } ?? []))
    if let drvPath, !drvPath.isEmpty, derivations.insert(drvPath).inserted {
      try writeAttributes(of: set)
    } else {
      single("repeated")
    }
    close("derivation")
  }

  private func isDerivation(_ set: AttributeSet) throws(NixError) -> Bool {
    guard let type = try string(evaluator.symbols.known.type, of: set) else { return false }
    return type.elementsEqual("derivation".utf8)
  }

  /// An attribute, forced, if it is a string.
  private func string(_ symbol: Symbol, of set: AttributeSet) throws(NixError) -> [UInt8]? {
    guard let value = set[symbol],
      case .string(let bytes) = try evaluator.force(value, at: position)
    else { return nil }
    return Array(bytes)
  }

  private mutating func writeAttributes(of set: AttributeSet) throws(NixError) {
    for index in set.shape.orderedByName(evaluator.symbols) {
      let key = set.shape.keys[Int(index)]
      open("attr", [("name", Array(evaluator.symbols.bytes(key.symbol)))])
      do throws(NixError) {
        try write(set.values[Int(index)])
      } catch {
        evaluator.note(
          error,
          "while evaluating the attribute '\(evaluator.symbols.text(key.symbol))'",
          at: key.position)
        throw error
      }
      close("attr")
    }
  }

  private mutating func write(_ lambda: Lambda) {
    open("function")
    let name = lambda.argument.map { [("name", Array(evaluator.symbols.bytes($0)))] } ?? []
    if let formals = lambda.formals {
      open("attrspat", (formals.hasEllipsis ? [("ellipsis", Array("1".utf8))] : []) + name)
      let symbols = formals.list.map(\.symbol).sorted { evaluator.symbols.precedes($0, $1) }
      for symbol in symbols { single("attr", ("name", Array(evaluator.symbols.bytes(symbol)))) }
      close("attrspat")
    } else {
      tag("varpat", name, isSingle: true)
    }
    close("function")
  }

  // MARK: Elements

  private mutating func open(_ name: String, _ attributes: [(String, [UInt8])] = []) {
    tag(name, attributes, isSingle: false)
    indentation += 1
  }

  private mutating func close(_ name: String) {
    indentation -= 1
    indent()
    append("</\(name)>\n")
  }

  private mutating func single(_ name: String, _ attributes: (String, [UInt8])...) {
    tag(name, attributes, isSingle: true)
  }

  private mutating func tag(_ name: String, _ attributes: [(String, [UInt8])], isSingle: Bool) {
    indent()
    append("<\(name)")
    for (name, value) in attributes {
      append(" \(name)=\"")
      for byte in value { escape(byte) }
      append("\"")
    }
    append(isSingle ? " />\n" : ">\n")
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("&quot;")
    case UInt8(ascii: "<"): append("&lt;")
    case UInt8(ascii: ">"): append("&gt;")
    case UInt8(ascii: "&"): append("&amp;")
    case UInt8(ascii: "\n"): append("&#xA;")
    default: text.append(byte)
    }
  }

  private mutating func indent() {
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indentation))
  }

  private mutating func append(_ string: String) { text.append(contentsOf: string.utf8) }
}
