/// The ways in which Nix writes a hash.
enum HashFormat: String {
  case base16
  /// Five bits a character from the last to the first, without the letters e, o, t and u.
  case nix32
  case base64
  /// `sha256-` and base 64.
  case sri

  private static let hexadecimal = Array("0123456789abcdef".utf8)
  private static let base32 = Array("0123456789abcdfghijklmnpqrsvwxyz".utf8)
  private static let alphabet64 = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The format of a name; `base32` is what `nix32` was called before.
  init?(name: String) { self.init(rawValue: name == "base32" ? "nix32" : name) }

  /// How many characters so many bytes are.
  func length(of count: Int) -> Int {
    switch self {
    case .base16: count * 2
    case .nix32: (count * 8 + 4) / 5
    case .base64, .sri: (count + 2) / 3 * 4
    }
  }

  func encode(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .base16:
      bytes.flatMap { [Self.hexadecimal[Int($0 >> 4)], Self.hexadecimal[Int($0 & 15)]] }
    case .nix32:
      (0..<length(of: bytes.count)).reversed().map { index in
        let (byte, bit) = (index * 5 / 8, index * 5 % 8)
        let next = byte + 1 < bytes.count ? UInt16(bytes[byte + 1]) : 0
        return Self.base32[Int((UInt16(bytes[byte]) | next << 8) >> UInt16(bit) & 31)]
      }
    case .base64, .sri:
      stride(from: 0, to: bytes.count, by: 3).flatMap { start in
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        return (0..<4).map { index in
          index > group.count
            ? UInt8(ascii: "=") : Self.alphabet64[bits >> (18 - 6 * index) & 63]
        }
      }
    }
  }

  /// The bytes that a text of the right length stands for; nil if it does not stand for any.
  func decode(_ text: [UInt8]) -> [UInt8]? {
    switch self {
    case .base16: Self.decodeHexadecimal(text)
    case .nix32: Self.decodeBase32(text)
    case .base64, .sri: Self.decodeBase64(text)
    }
  }

  private static func decodeHexadecimal(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: text.count - 1, by: 2) {
      guard let high = digit(text[start]), let low = digit(text[start + 1]) else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> Int? {
    // Either case, as Nix reads it.
    byte.isLetter ? hexadecimal.firstIndex(of: byte | 0x20) : hexadecimal.firstIndex(of: byte)
  }

  private static func decodeBase32(_ text: [UInt8]) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: text.count * 5 / 8)
    for (index, byte) in text.reversed().enumerated() {
      guard let digit = base32.firstIndex(of: byte) else { return nil }
      let (place, bit) = (index * 5 / 8, index * 5 % 8)
      let bits = UInt16(digit) << UInt16(bit)
      if place < bytes.count { bytes[place] |= UInt8(truncatingIfNeeded: bits) }
      if place + 1 < bytes.count {
        bytes[place + 1] |= UInt8(bits >> 8)
      } else if bits >> 8 != 0 {
        // Bits beyond the last byte.
        return nil
      }
    }
    return bytes
  }

  private static func decodeBase64(_ text: [UInt8]) -> [UInt8]? {
    var (bytes, bits, count) = ([UInt8](), 0, 0)
    let digits = text.prefix { $0 != UInt8(ascii: "=") }
    guard text[digits.endIndex...].allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
    for byte in digits {
      guard let digit = alphabet64.firstIndex(of: byte) else { return nil }
      bits = (bits << 6 | digit) & 0xffff
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 0xff))
      }
    }
    return bytes
  }
}

/// A hash as someone wrote it, in any format.
struct WrittenHash {
  let algorithm: HashAlgorithm
  let bytes: [UInt8]

  /// Reads `ALGORITHM:HASH`, `ALGORITHM-BASE64` or, for an algorithm that is known, `HASH`.
  ///
  /// - Throws: `NixError` with the code `.argument`.
  init(_ text: [UInt8], _ known: HashAlgorithm?) throws(NixError) {
    let written = String(decoding: text, as: UTF8.self)
    var (digits, formats) = (text[...], [HashFormat.base16, .nix32, .base64])
    var named: HashAlgorithm?
    if let end = text.firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-") }) {
      let name = String(decoding: text[..<end], as: UTF8.self)
      guard let algorithm = HashAlgorithm(rawValue: name) else {
        throw NixError(.argument, "unknown hash algorithm '\(name)'")
      }
      if text[end] == UInt8(ascii: "-") { formats = [.sri] }
      named = algorithm
      digits = text[(end + 1)...]
    }
    guard let algorithm = named ?? known else {
      throw NixError(
        .argument,
        "hash '\(written)' does not include a type, nor is the type otherwise known from context")
    }
    guard known == nil || algorithm == known else {
      throw NixError(.argument, "hash '\(written)' should have type '\(known ?? algorithm)'")
    }
    guard let format = formats.first(where: { $0.length(of: algorithm.byteCount) == digits.count })
    else {
      throw NixError(
        .argument, "hash '\(written)' has wrong length for hash algorithm '\(algorithm)'")
    }
    guard let bytes = format.decode(Array(digits)), bytes.count == algorithm.byteCount else {
      throw NixError(.argument, "invalid \(format) hash '\(written)'")
    }
    self.algorithm = algorithm
    self.bytes = bytes
  }

  func written(_ format: HashFormat) -> [UInt8] {
    format == .sri ? Array("\(algorithm)-".utf8) + format.encode(bytes) : format.encode(bytes)
  }
}
