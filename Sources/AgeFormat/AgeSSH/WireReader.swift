/// A position in the bytes of SSH's wire format (RFC 4251, Section 5): numbers and strings after each other.
struct WireReader {
  private var offset = 0

  /// Takes a number of 4 bytes, big endian.
  mutating func number(_ bytes: Span<UInt8>) throws(SSHKeyError) -> Int {
    try take(4, bytes).reduce(0) { $0 << 8 | Int(bytes[$1]) }
  }

  /// Takes a string, which has its length before it.
  mutating func string(_ bytes: Span<UInt8>) throws(SSHKeyError) -> Range<Int> {
    try take(try number(bytes), bytes)
  }

  /// Takes a string of text that is not secret.
  mutating func text(_ bytes: Span<UInt8>) throws(SSHKeyError) -> String {
    String(decoding: try string(bytes).map { bytes[$0] }, as: UTF8.self)
  }

  /// Takes the big-endian bytes of a number (`mpint`) that is canonical and positive, without a sign byte.
  mutating func positive(_ bytes: Span<UInt8>) throws(SSHKeyError) -> Range<Int> {
    try bytes.magnitude(of: try string(bytes))
  }

  /// Takes `count` bytes.
  mutating func take(_ count: Int, _ bytes: Span<UInt8>) throws(SSHKeyError) -> Range<Int> {
    guard count <= bytes.count - offset else {
      throw SSHKeyError(.malformed, "the key is cut short")
    }
    defer { offset += count }
    return offset..<(offset + count)
  }

  /// Takes what is left.
  mutating func rest(_ bytes: Span<UInt8>) -> Range<Int> {
    defer { offset = bytes.count }
    return offset..<bytes.count
  }

  /// Checks that nothing is left.
  func requireEnd(_ bytes: Span<UInt8>) throws(SSHKeyError) {
    guard offset == bytes.count else {
      throw SSHKeyError(.malformed, "the key has something after its end")
    }
  }
}

extension Span<UInt8> {
  /// Where the magnitude lies of a two's complement number, big endian, which must be positive and as short as it can be;
  /// SSH's wire format and DER write numbers the same.
  func magnitude(of number: Range<Int>) throws(SSHKeyError) -> Range<Int> {
    let first = number.lowerBound
    guard !number.isEmpty, self[first] < 0x80 else {
      throw SSHKeyError(.malformed, "the key has a number that is not positive")
    }
    guard self[first] == 0 else { return number }
    guard number.count > 1, self[first + 1] >= 0x80 else {
      throw SSHKeyError(.malformed, "the key has a number that is not canonical")
    }
    return number.dropFirst()
  }

  /// Whether the bytes, which are not secret, are those of an array.
  func isEqual(_ bytes: [UInt8]) -> Bool {
    count == bytes.count && indices.allSatisfy { self[$0] == bytes[$0] }
  }

  /// The bytes in an array, for what is not secret.
  var copied: [UInt8] { indices.map { self[$0] } }
}
