package import SecretMemory

/// Bech32 (BIP 173) without its limit of length.
package enum Bech32 {
  /// What is wrong with a text; no case carries any of it, since the text may be a secret.
  package enum Failure: Error {
    case mixedCase
    case noSeparator
    case wrongPrefix
    case wrongCharacter
    case wrongChecksum
    case wrongLength
    case leftOverBits
    case memory(SecretMemoryError)

    var reason: String {
      switch self {
      case .mixedCase: "it mixes upper and lower case"
      case .noSeparator: "it has no separator"
      case .wrongPrefix: "it is of another type"
      case .wrongCharacter: "it has a character that is none of Bech32's"
      case .wrongChecksum: "its checksum is wrong, a character was lost or changed"
      case .wrongLength: "it has the wrong length"
      case .leftOverBits: "its last character has bits that mean nothing"
      case .memory(let error): error.reason
      }
    }

    package func asAgeError(_ code: AgeError.Code, _ operation: String) -> AgeError {
      if case .memory(let error) = self { return AgeError(error) }
      return AgeError(code, "\(operation): \(reason)")
    }
  }

  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let checksumCount = 6
  private static let separator = UInt8(ascii: "1")

  /// Decodes a text with a given prefix (in lower case), all in lower or all in upper case, to exactly `count` bytes.
  package static func decode(
    _ text: Span<UInt8>, prefix: String, count: Int
  ) throws(Failure) -> SecretBytes {
    try requireOneCase(text)
    guard let end = text.indices.last(where: { text[$0] == separator }) else {
      throw .noSeparator
    }
    guard end == prefix.utf8.count,
      zip(prefix.utf8, text.indices).allSatisfy({
        $0 == lowercase(text[$1])
      })
    else { throw .wrongPrefix }
    let data = text.extracting((end + 1)...)
    guard data.count >= checksumCount else { throw .wrongLength }
    return try decode(data, Checksum(prefix), count)
  }

  /// What a text of any prefix and length says.
  package struct Decoded: ~Copyable {
    /// The prefix, in lower case.
    package let prefix: String
    package let bytes: SecretBytes
  }

  /// Decodes a text with any prefix of visible characters, all in lower or all in upper case.
  package static func decode(_ text: Span<UInt8>) throws(Failure) -> Decoded {
    guard let end = text.indices.last(where: { text[$0] == separator }) else {
      throw .noSeparator
    }
    let characters = (0..<end).map { lowercase(text[$0]) }
    guard characters.allSatisfy({ 0x21...0x7e ~= $0 }) else { throw .wrongCharacter }
    let prefix = String(decoding: characters, as: UTF8.self)
    let digits = text.count - end - 1 - checksumCount
    guard digits >= 0 else { throw .wrongLength }
    return Decoded(
      prefix: prefix, bytes: try decode(text, prefix: prefix, count: digits * 5 / 8))
  }

  private static func decode(
    _ data: Span<UInt8>, _ checksum: consuming Checksum, _ count: Int
  ) throws(Failure) -> SecretBytes {
    let digits = data.count - checksumCount
    guard digits == (count * 8 + 4) / 5 else {
      throw .wrongLength
    }
    var bytes: SecretBytes
    do { bytes = try SecretBytes(count: count) } catch { throw .memory(error) }
    var bits: UInt32 = 0
    var bitCount = 0
    var written = 0
    for index in data.indices {
      guard let value = alphabet.firstIndex(of: lowercase(data[index])) else {
        throw .wrongCharacter
      }
      checksum.add(UInt32(value))
      if index >= digits { continue }
      bits = bits << 5 | UInt32(value)
      bitCount += 5
      if bitCount >= 8 {
        bitCount -= 8
        unsafe bytes.withUnsafeMutableBytes {
          unsafe $0[written] = UInt8(truncatingIfNeeded: bits >> bitCount)
        }
        written += 1
      }
    }
    guard checksum.isRight else { throw .wrongChecksum }
    guard bits & (1 << bitCount - 1) == 0 else { throw .leftOverBits }
    return bytes
  }

  private static func requireOneCase(_ text: Span<UInt8>) throws(Failure) {
    var hasUpper = false
    var hasLower = false
    for index in text.indices {
      hasUpper = hasUpper || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= text[index]
      hasLower = hasLower || UInt8(ascii: "a")...UInt8(ascii: "z") ~= text[index]
    }
    if hasUpper && hasLower { throw .mixedCase }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
  }

  /// Encodes bytes in lower case.
  package static func encode(_ bytes: Span<UInt8>, prefix: String) -> String {
    var text = Array(prefix.utf8)
    encode(bytes, prefix: prefix) { text.append($0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Encodes secret bytes in upper case.
  package static func encodeSecret(
    _ bytes: Span<UInt8>, prefix: String
  ) throws(AgeError) -> SecretBytes {
    let prefixCount = prefix.utf8.count
    let count = prefixCount + 1 + (bytes.count * 8 + 4) / 5 + checksumCount
    var text = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: count) }
    unsafe text.withUnsafeMutableBytes { text in
      unsafe text.copyBytes(from: prefix.uppercased().utf8)
      var index = prefixCount
      encode(bytes, prefix: prefix) { character in
        let isLetter = character >= UInt8(ascii: "a")
        unsafe text[index] = isLetter ? character & ~0x20 : character
        index += 1
      }
    }
    return text
  }

  /// Gives the separator, the digits and the checksum, one character after the other.
  private static func encode(
    _ bytes: Span<UInt8>, prefix: String, _ output: (UInt8) -> Void
  ) {
    output(separator)
    var checksum = Checksum(prefix)
    var bits: UInt32 = 0
    var bitCount = 0
    func put(_ value: UInt32) {
      checksum.add(value)
      output(alphabet[Int(value)])
    }
    for index in bytes.indices {
      bits = bits << 8 | UInt32(bytes[index])
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        put(bits >> bitCount & 31)
      }
    }
    if bitCount > 0 { put(bits << (5 - bitCount) & 31) }
    for value in checksum.digits(checksumCount) { output(alphabet[Int(value)]) }
  }

  /// The checksum: a code over the field of 32 elements, begun with the prefix.
  private struct Checksum {
    private var state: UInt32 = 1

    init(_ prefix: String) {
      for byte in prefix.utf8 { add(UInt32(byte >> 5)) }
      add(0)
      for byte in prefix.utf8 { add(UInt32(byte & 31)) }
    }

    var isRight: Bool { state == 1 }

    mutating func add(_ value: UInt32) {
      let generators: [5 of UInt32] = [
        0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3,
      ]
      let top = state >> 25
      state = (state & 0x1ff_ffff) << 5 ^ value
      for bit in generators.indices where top >> bit & 1 == 1 { state ^= generators[bit] }
    }

    /// The digits that make the checksum right.
    func digits(_ count: Int) -> [UInt32] {
      var copy = self
      for _ in 0..<count { copy.add(0) }
      let remainder = copy.state ^ 1
      return (0..<count).map { remainder >> (5 * (count - 1 - $0)) & 31 }
    }
  }
}
