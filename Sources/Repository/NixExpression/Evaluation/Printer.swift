/// Writes a value for people, as `builtins.trace` shows it; what is suspended stays so.
struct Printer {
  private let evaluator: Evaluator
  private(set) var text: [UInt8] = []
  /// What is being printed, to stop at cycles and at great depth.
  private var open: [ObjectIdentifier] = []
  private static let maximumDepth = 100
  /// What many lists share is printed many times: after so many bytes nothing is entered any more.
  private static let maximumBytes = 1 << 20

  init(_ evaluator: Evaluator) { self.evaluator = evaluator }

  mutating func print(_ value: Value) {
    switch value {
    case .null: append("null")
    case .bool(let holds): append(holds ? "true" : "false")
    case .int(let number): append("\(number)")
    case .float(let number): append(formatted(number, "%g"))
    case .string(let bytes): print(string: bytes)
    case .path(let bytes): text.append(contentsOf: bytes)
    case .list(let list): print(list)
    case .attributes(let set): print(set)
    case .closure: append("<LAMBDA>")
    case .primitive: append("<PRIMOP>")
    case .partial: append("<PRIMOP-APP>")
    case .thunk(let thunk):
      if thunk.state == .evaluated { print(thunk.value) } else { append("<CODE>") }
    }
  }

  private mutating func append(_ string: String) { text.append(contentsOf: string.utf8) }

  private mutating func enter(_ object: HeapObject) -> Bool {
    let identity = ObjectIdentifier(object)
    guard text.count < Self.maximumBytes, open.count < Self.maximumDepth, !open.contains(identity)
    else {
      append("...")
      return false
    }
    open.append(identity)
    return true
  }

  private mutating func print(_ list: List) {
    guard enter(list) else { return }
    append("[ ")
    for element in list.elements {
      print(element)
      append(" ")
    }
    append("]")
    open.removeLast()
  }

  private mutating func print(_ set: AttributeSet) {
    guard enter(set) else { return }
    append("{ ")
    for index in set.shape.orderedByName(evaluator.symbols) {
      text.append(contentsOf: evaluator.symbols.bytes(set.shape.keys[Int(index)].symbol))
      append(" = ")
      print(set.values[Int(index)])
      append("; ")
    }
    append("}")
    open.removeLast()
  }

  private mutating func print(string bytes: [UInt8]) {
    append("\"")
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(contentsOf: [0x5c, byte])
      case UInt8(ascii: "\n"): append("\\n")
      case UInt8(ascii: "\r"): append("\\r")
      case UInt8(ascii: "\t"): append("\\t")
      case UInt8(ascii: "$") where index + 1 < bytes.count && bytes[index + 1] == 0x7b:
        append("\\$")
      default: text.append(byte)
      }
    }
    append("\"")
  }
}
