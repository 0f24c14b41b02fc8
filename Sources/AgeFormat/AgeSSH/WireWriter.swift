/// SSH's wire format (RFC 4251, Section 5), for public keys.
enum WireWriter {
  /// Strings after each other, each with its length before it.
  static func bytes(of strings: [[UInt8]]) -> [UInt8] {
    strings.flatMap { string in
      unsafe withUnsafeBytes(of: UInt32(string.count).bigEndian) { unsafe Array($0) } + string
    }
  }

  /// The string for a positive number whose magnitude is given, big endian.
  static func number(_ magnitude: [UInt8]) -> [UInt8] {
    magnitude.first.map { $0 < 0x80 } ?? true ? magnitude : [0] + magnitude
  }
}
