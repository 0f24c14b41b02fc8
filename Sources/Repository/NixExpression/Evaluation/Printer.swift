/// Writes a value in the language's own syntax, as `nix-instantiate --eval` does, and `builtins.trace`; what is
/// suspended stays so.
///
/// As there, a set or list that was written before is `«repeated»`, so the text is no longer than what it shows.
struct Printer {
  private let evaluator: Evaluator
  private let position: Position
  private(set) var text: [UInt8] = []
  private var seen: Set<UInt> = []

  init(_ evaluator: Evaluator, _ position: Position) {
    self.evaluator = evaluator
    self.position = position
  }

  mutating func print(_ value: Value) throws(NixError) {
    try evaluator.check(stringOf: text.count)
    switch value {
    case .null: append("null")
    case .bool(let holds): append(holds ? "true" : "false")
    case .int(let number): append("\(number)")
    case .float(let number): append(formatted(number, "%g"))
    case .string(let bytes): print(string: bytes)
    case .path(let bytes): text.append(contentsOf: bytes)
    case .list(let list): try print(list)
    case .attributes(let set): try print(set)
    case .closure: append("<LAMBDA>")
    case .primitive: append("<PRIMOP>")
    case .partial: append("<PRIMOP-APP>")
    case .thunk(let thunk):
      if let value = thunk.value { try print(value) } else { append("<CODE>") }
    }
  }

  private mutating func append(_ string: String) { text.append(contentsOf: string.utf8) }

  /// Whether something with elements is written for the first time.
  private mutating func isNew(_ identity: UInt, count: Int) -> Bool {
    if count == 0 || seen.insert(identity).inserted { return true }
    append("«repeated»")
    return false
  }

  private mutating func print(_ list: List) throws(NixError) {
    guard isNew(list.identity, count: list.count) else { return }
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    append("[ ")
    for element in list.elements {
      try print(element)
      append(" ")
    }
    append("]")
  }

  private mutating func print(_ set: AttributeSet) throws(NixError) {
    guard isNew(set.identity, count: set.count) else { return }
    try evaluator.descend(at: position)
    defer { evaluator.ascend() }
    append("{ ")
    for index in set.shape.orderedByName(evaluator.symbols) {
      print(name: evaluator.symbols.bytes(set.shape.keys[Int(index)].symbol))
      append(" = ")
      try print(set.values[Int(index)])
      append("; ")
    }
    append("}")
  }

  private mutating func print(name: Text) {
    let isIdentifier = name.first?.isIdentifierStart == true && name.allSatisfy(\.isIdentifierPart)
    // Of the keywords Nix 2.8 quotes only this one.
    if isIdentifier, !name.elementsEqual("if".utf8) {
      text.append(contentsOf: name)
    } else {
      // In names Nix escapes each dollar.
      print(string: name, escapingDollars: true)
    }
  }

  private mutating func print(string bytes: Text, escapingDollars: Bool = false) {
    append("\"")
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(contentsOf: [0x5c, byte])
      case UInt8(ascii: "\n"): append("\\n")
      case UInt8(ascii: "\r"): append("\\r")
      case UInt8(ascii: "\t"): append("\\t")
      case UInt8(ascii: "$")
      where escapingDollars || index + 1 < bytes.count && bytes[index + 1] == 0x7b:
        append("\\$")
      default: text.append(byte)
      }
    }
    append("\"")
  }
}
