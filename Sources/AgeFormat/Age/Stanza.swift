/// A recipient stanza: the file key, wrapped for one recipient.
public struct Stanza: Sendable, Hashable {
  /// The type, which is the first argument: one or more visible ASCII characters.
  public let type: String
  /// The further arguments, each of one or more visible ASCII characters.
  public let arguments: [String]
  /// The body, which holds the wrapped file key.
  public let body: [UInt8]

  public init(type: String, arguments: [String], body: [UInt8]) {
    self.type = type
    self.arguments = arguments
    self.body = body
  }

  /// The arguments of a stanza's first line, the type among them; `nil` where the line is none.
  ///
  /// `arg-line = "-> " argument *(SP argument)`, `argument = 1*VCHAR`
  package static func arguments(ofLine line: Span<UInt8>) -> [String]? {
    let prefix = Array("-> ".utf8)
    guard line.count > prefix.count, prefix.indices.allSatisfy({ line[$0] == prefix[$0] }) else {
      return nil
    }
    let text = line.extracting(prefix.count...)
    let words = (0..<text.count).map { text[$0] }.split(
      separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.allSatisfy({ !$0.isEmpty && $0.allSatisfy { 0x21...0x7e ~= $0 } }) else {
      return nil
    }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Appends the stanza's text: `-> type argument …`, then the body in lines of 64 columns, the last one shorter.
  func encode(to text: inout [UInt8]) {
    text += "-> ".utf8
    text += type.utf8
    for argument in arguments {
      text.append(UInt8(ascii: " "))
      text += argument.utf8
    }
    text.append(Base64.lineFeed)
    let encoded = Base64.encode(body.span)
    for start in stride(from: 0, through: encoded.count, by: Base64.columns) {
      text += encoded[start..<min(start + Base64.columns, encoded.count)]
      text.append(Base64.lineFeed)
    }
  }

  /// Whether type and arguments can be written: visible characters, and at least one of them in each.
  var isEncodable: Bool {
    ([type] + arguments).allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { 0x21...0x7e ~= $0 } }
  }

  /// Checks the shape that all native wraps share: `count` arguments, and a body of the 32 bytes of a sealed file key.
  ///
  /// The length is checked before anything is decrypted, so that a file cannot tell apart several keys at once.
  ///
  /// - Throws: `AgeError` with the code `.header`.
  package func requireShape(arguments count: Int) throws(AgeError) {
    guard arguments.count == count else {
      throw AgeError(.header, "\(type) stanza has \(arguments.count) arguments and not \(count)")
    }
    guard body.count == FileKey.sealedSize else {
      throw AgeError(
        .header, "\(type) stanza has a body of \(body.count) bytes and not \(FileKey.sealedSize)")
    }
  }

  /// The bytes of the argument at `index`, whose base64 must be canonical.
  ///
  /// - Throws: `AgeError` with the code `.header`.
  package func bytes(ofArgument index: Int, count: Int) throws(AgeError) -> [UInt8] {
    guard let bytes = Base64.decode(Array(arguments[index].utf8).span), bytes.count == count else {
      throw AgeError(.header, "\(type) stanza has an argument that is not \(count) bytes in base64")
    }
    return bytes
  }
}
