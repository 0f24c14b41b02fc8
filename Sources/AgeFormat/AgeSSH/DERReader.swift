/// A position in DER (X.690), of which a private key needs a few kinds of elements.
struct DERReader {
  enum Tag: UInt8 {
    case integer = 0x02
    case octets = 0x04
    case null = 0x05
    case identifier = 0x06
    case sequence = 0x30
    /// PKCS #8's attributes, and the public key of its second version.
    case attributes = 0xa0
    case publicKey = 0x81
  }

  private var offset: Int
  private let end: Int

  /// Begins at the start of a range.
  init(_ range: Range<Int>) {
    offset = range.lowerBound
    end = range.upperBound
  }

  /// Takes the content of an element.
  mutating func take(_ tag: Tag, _ bytes: Span<UInt8>) throws(SSHKeyError) -> Range<Int> {
    guard let content = try takeIfPresent(tag, bytes) else { throw Self.malformed }
    return content
  }

  /// Takes the content of an element, if it is the next.
  mutating func takeIfPresent(
    _ tag: Tag, _ bytes: Span<UInt8>
  ) throws(SSHKeyError) -> Range<Int>? {
    guard offset < end, bytes[offset] == tag.rawValue else { return nil }
    offset += 1
    let count = try length(bytes)
    guard count <= end - offset else { throw Self.malformed }
    defer { offset += count }
    return offset..<(offset + count)
  }

  /// Takes a length, which must be as short as it can be and less than 64 KiB, as every file is.
  private mutating func length(_ bytes: Span<UInt8>) throws(SSHKeyError) -> Int {
    let first = Int(try byte(bytes))
    switch first {
    case 0x00...0x7f: return first
    case 0x81:
      let count = Int(try byte(bytes))
      guard count > 0x7f else { throw Self.malformed }
      return count
    case 0x82:
      let high = Int(try byte(bytes))
      let count = high << 8 | Int(try byte(bytes))
      guard count > 0xff else { throw Self.malformed }
      return count
    default: throw Self.malformed
    }
  }

  private mutating func byte(_ bytes: Span<UInt8>) throws(SSHKeyError) -> UInt8 {
    guard offset < end else { throw Self.malformed }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// Takes a sequence, to read what is in it.
  mutating func sequence(_ bytes: Span<UInt8>) throws(SSHKeyError) -> DERReader {
    DERReader(try take(.sequence, bytes))
  }

  /// Takes the big-endian bytes of a positive number, without a sign byte.
  mutating func positive(_ bytes: Span<UInt8>) throws(SSHKeyError) -> Range<Int> {
    try bytes.magnitude(of: try take(.integer, bytes))
  }

  /// Takes a small number that is not secret; zero and those of more than 4 bytes are refused.
  mutating func number(_ bytes: Span<UInt8>) throws(SSHKeyError) -> Int {
    let magnitude = try positive(bytes)
    guard magnitude.count <= 4 else { throw Self.malformed }
    return magnitude.reduce(0) { $0 << 8 | Int(bytes[$1]) }
  }

  /// Takes an object identifier: its content, which stands for it as well as its numbers do.
  mutating func identifier(_ bytes: Span<UInt8>) throws(SSHKeyError) -> [UInt8] {
    bytes.extracting(try take(.identifier, bytes)).copied
  }

  /// Checks that nothing is left.
  func requireEnd() throws(SSHKeyError) {
    guard offset == end else { throw Self.malformed }
  }

  static var malformed: SSHKeyError {
    SSHKeyError(.malformed, "the key is not in the form that its first line says, or damaged")
  }
}
