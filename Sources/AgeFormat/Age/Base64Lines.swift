import CBase64
import CLibsodium

/// Armor is nearly all full lines, 48 bytes in 64 columns and a line feed, so those are done many at a time.
extension Base64 {
  /// The characters of a full line, its line feed included.
  package static let fullLine = columns + 1
  /// Whether the processor has AVX2, which libsodium knows: to ask the processor takes long on a virtual machine.
  package static let hasAVX2 = sodium_init() >= 0 && sodium_runtime_has_avx2() == 1

  /// Encodes bytes whose number is a multiple of 48 into whole lines, for which `text` has room.
  package static func encodeLines(
    _ bytes: Span<UInt8>, into text: UnsafeMutableRawBufferPointer, withAVX2: Bool = hasAVX2
  ) {
    let lines = bytes.count / bytesPerLine
    precondition(bytes.count == lines * bytesPerLine && text.count >= lines * fullLine)
    if lines == 0 { return }
    unsafe bytes.withUnsafeBufferPointer { bytes in
      let encode = unsafe withAVX2 ? adage_base64_encode_avx2 : adage_base64_encode
      unsafe encode(
        bytes.baseAddress!, lines, text.assumingMemoryBound(to: UInt8.self).baseAddress!)
    }
  }

  /// Decodes the full lines at the begin of a text, up to the first line that is another and as far as there is room.
  ///
  /// - Returns: how many lines those were, 48 bytes each.
  package static func decodeLines(
    _ text: Span<UInt8>, into bytes: UnsafeMutableRawBufferPointer, withAVX2: Bool = hasAVX2
  ) -> Int {
    let most = min(text.count / fullLine, bytes.count / bytesPerLine)
    if most == 0 { return 0 }
    return unsafe text.withUnsafeBufferPointer { text in
      let decode = unsafe withAVX2 ? adage_base64_decode_avx2 : adage_base64_decode
      return unsafe decode(
        text.baseAddress!, most, bytes.assumingMemoryBound(to: UInt8.self).baseAddress!)
    }
  }
}
