/// A method call on a message bus.
struct BusCall {
  var destination: String
  var path: String
  var interface: String
  var member: String
  /// The types of what the body has.
  var signature = ""
  var body: [UInt8] = []

  /// The message (D-Bus Specification, "Message Format"), in little-endian order.
  func message(serial: UInt32) -> [UInt8] {
    var message = BusWriter()
    message.byte(UInt8(ascii: "l"))
    // A method call, without flags, of the protocol's version 1.
    for byte: UInt8 in [1, 0, 1] { message.byte(byte) }
    message.number(UInt32(body.count))
    message.number(serial)
    message.array(alignedTo: 8) { fields in
      for (code, type, value) in [
        (1, "o", path), (2, "s", interface), (3, "s", member), (6, "s", destination),
      ] {
        fields.align(to: 8)
        fields.byte(UInt8(code))
        fields.signature(type)
        fields.string(value)
      }
      if signature.isEmpty { return }
      fields.align(to: 8)
      fields.byte(8)
      fields.signature("g")
      fields.signature(signature)
    }
    message.align(to: 8)
    return message.bytes + body
  }
}

/// Writes values as messages have them ("Marshaling").
struct BusWriter {
  private(set) var bytes: [UInt8] = []

  mutating func align(to size: Int) {
    while bytes.count % size != 0 { bytes.append(0) }
  }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func number(_ value: UInt32) {
    align(to: 4)
    append(value)
  }

  private mutating func append(_ value: UInt32) {
    for shift in [0, 8, 16, 24] as [UInt32] {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// A string has no zero byte.
  mutating func string(_ text: String) {
    let content = text.utf8.filter { $0 != 0 }
    number(UInt32(content.count))
    bytes += content + [0]
  }

  mutating func signature(_ types: String) {
    bytes.append(UInt8(types.utf8.count))
    bytes += Array(types.utf8) + [0]
  }

  /// A length, then elements that begin at a multiple of `size`; what is skipped to get there does not count.
  mutating func array(alignedTo size: Int, _ elements: (inout BusWriter) -> Void) {
    number(0)
    let place = bytes.count - 4
    align(to: size)
    let start = bytes.count
    elements(&self)
    var length = BusWriter()
    length.append(UInt32(bytes.count - start))
    bytes.replaceSubrange(place..<place + 4, with: length.bytes)
  }
}

/// What a bus says.
struct BusAnswer: Equatable {
  /// Which call it answers; nil if it answers none.
  private(set) var replySerial: UInt32?
  /// The name of the error that it is.
  private(set) var error: String?
  let body: [UInt8]

  /// How long the rest of a message is, from its first 16 bytes: the fields with what fills them up, and the body.
  static func sizes(_ head: [UInt8]) -> (fields: Int, body: Int)? {
    guard head.count == 16, head[0] == UInt8(ascii: "l") || head[0] == UInt8(ascii: "B"),
      head[3] == 1
    else { return nil }
    let isBig = head[0] == UInt8(ascii: "B")
    let fields = Int(number(head[12...], isBig))
    return ((fields + 7) / 8 * 8, Int(number(head[4...], isBig)))
  }

  init(head: [UInt8], fields: [UInt8], body: [UInt8]) {
    self.body = body
    readFields(fields, isBig: head[0] == UInt8(ascii: "B"))
    // Only an answer may be one: 2 returns, 3 is an error.
    error = head[1] == 3 ? error ?? "error" : nil
    if head[1] != 2 && head[1] != 3 { replySerial = nil }
  }

  /// Reads the fields up to the first that makes no sense.
  private mutating func readFields(_ fields: [UInt8], isBig: Bool) {
    var at = 0
    // A code, then the value's type and the value; all types that fields have are these.
    while at + 4 < fields.count, fields[at] != 0, fields[at + 1] == 1 {
      let (code, type) = (fields[at], fields[at + 2])
      at += 4
      if type == UInt8(ascii: "g") {
        at += 2 + Int(fields[at])
      } else {
        guard at + 4 <= fields.count else { return }
        let value = Self.number(fields[at...], isBig)
        at += 4
        if type == UInt8(ascii: "u") {
          if code == 5 { replySerial = value }
        } else {
          guard at + Int(value) < fields.count else { return }
          if code == 4 {
            error = String(decoding: fields[at..<at + Int(value)], as: UTF8.self)
          }
          at += Int(value) + 1
        }
      }
      at = (at + 7) / 8 * 8
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, _ isBig: Bool) -> UInt32 {
    let four = bytes.prefix(4)
    return (isBig ? Array(four) : four.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
  }
}
