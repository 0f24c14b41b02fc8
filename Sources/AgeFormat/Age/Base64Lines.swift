/// Armor is nearly all full lines, 48 bytes in 64 columns and a line feed, so those are done many at a time.
///
/// Pointers instead of spans, which makes large files three times faster: every index is below a bound that is checked
/// before the loop.
extension Base64 {
  private static let groupsPerLine = columns / 4

  /// Appends whole lines for bytes whose number is a multiple of 48.
  static func encodeLines(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
    precondition(bytes.count.isMultiple(of: bytesPerLine))
    let size = bytes.count / bytesPerLine * (columns + 1)
    let alphabet = alphabet
    text += unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
      count = size
      guard var to = output.baseAddress else { return }
      unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe alphabet.withUnsafeBufferPointer { alphabet in
          guard var from = bytes.baseAddress, let alphabet = alphabet.baseAddress else { return }
          for _ in 0..<(bytes.count / bytesPerLine) {
            for _ in 0..<groupsPerLine {
              let group = unsafe Int(from[0]) << 16 | Int(from[1]) << 8 | Int(from[2])
              unsafe to[0] = alphabet[group >> 18]
              unsafe to[1] = alphabet[group >> 12 & 63]
              unsafe to[2] = alphabet[group >> 6 & 63]
              unsafe to[3] = alphabet[group & 63]
              unsafe from += 3
              unsafe to += 4
            }
            unsafe to[0] = lineFeed
            unsafe to += 1
          }
        }
      }
    }
  }

  /// Appends what the full lines at the begin of a text stand for, up to the first line that is another.
  ///
  /// - Returns: how many lines those were.
  static func decodeLines(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Int {
    let most = text.count / (columns + 1)
    let values = values
    var lines = 0
    let decoded = unsafe [UInt8](unsafeUninitializedCapacity: most * bytesPerLine) {
      output, count in
      unsafe text.withUnsafeBufferPointer { text in
        unsafe values.withUnsafeBufferPointer { values in
          guard let from = text.baseAddress, let to = output.baseAddress,
            let values = values.baseAddress
          else { return }
          while lines < most {
            let line = unsafe from + lines * (columns + 1)
            guard unsafe line[columns] == lineFeed,
              unsafe decodeLine(line, to: to + lines * bytesPerLine, values)
            else { break }
            lines += 1
          }
        }
      }
      count = lines * bytesPerLine
    }
    bytes += decoded
    return lines
  }

  /// Decodes 64 columns to 48 bytes; a character that is none of the alphabet, padding too, is `false`.
  private static func decodeLine(
    _ line: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>,
    _ values: UnsafePointer<UInt8>
  ) -> Bool {
    var seen: UInt8 = 0
    for group in 0..<groupsPerLine {
      let from = unsafe line + 4 * group
      let to = unsafe output + 3 * group
      let a = unsafe values[Int(from[0])]
      let b = unsafe values[Int(from[1])]
      let c = unsafe values[Int(from[2])]
      let d = unsafe values[Int(from[3])]
      seen |= a | b | c | d
      unsafe to[0] = a << 2 | b >> 4
      unsafe to[1] = b << 4 | c >> 2
      unsafe to[2] = c << 6 | d
    }
    return seen & 0x80 == 0
  }
}
