package import Age
import CLibsodium
package import SecretMemory

/// Writes stanzas to a plugin.
///
/// Every byte of them passes through guarded memory alone: among them are file keys and PINs.
package struct StanzaWriter<Sink: ByteSink>: ~Copyable {
  private static var size: Int { 8 << 10 }

  private var sink: Sink
  private var buffer: SecretBytes
  private var count = 0

  /// - Throws: `AgeError` with the code `.memory`.
  package init(_ sink: Sink) throws(AgeError) {
    self.sink = sink
    buffer = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: Self.size) }
  }

  /// Writes a stanza, which the plugin need not get before `flush()`.
  ///
  /// - Throws: what the sink throws.
  package mutating func write(_ words: [String], body: Span<UInt8> = .init()) throws(AgeError) {
    try begin(words)
    try end(body)
  }

  /// Writes a stanza without a body whose last argument is secret.
  package mutating func write(_ word: String, secret: borrowing SecretBytes) throws(AgeError) {
    try begin([word])
    try append(" ")
    try secret.withSpan { span throws(AgeError) in try append(span) }
    try end(.init())
  }

  /// Gives the sink what was written, and forgets it.
  package mutating func flush() throws(AgeError) {
    guard count > 0 else { return }
    var sink = sink
    let count = count
    try buffer.withSpan { bytes throws(AgeError) in try sink.write(bytes.extracting(..<count)) }
    self.sink = sink
    unsafe buffer.withUnsafeMutableBytes { unsafe sodium_memzero($0.baseAddress!, count) }
    self.count = 0
  }

  /// `"->" 1*(SP argument)`
  private mutating func begin(_ words: [String]) throws(AgeError) {
    try append("->")
    for word in words {
      try append(" ")
      try append(word)
    }
  }

  /// `LF *full-line final-line`
  private mutating func end(_ body: Span<UInt8>) throws(AgeError) {
    try append("\n")
    for start in stride(from: 0, through: body.count, by: Base64.bytesPerLine) {
      let end = min(start + Base64.bytesPerLine, body.count)
      try appendLine(body.extracting(start..<end))
    }
  }

  /// Encodes at most 48 bytes, in a time that depends on their number alone.
  private mutating func appendLine(_ bytes: Span<UInt8>) throws(AgeError) {
    if Self.size - count <= Base64.columns { try flush() }
    let length = (bytes.count * 8 + 5) / 6
    let start = count
    unsafe buffer.withUnsafeMutableBytes { buffer in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        if let base = bytes.baseAddress {
          _ = unsafe sodium_bin2base64(
            buffer.baseAddress! + start, length + 1, base, bytes.count,
            sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
        }
      }
      // Where libsodium ends its text with a zero.
      unsafe buffer[start + length] = Base64.lineFeed
    }
    count += length + 1
  }

  private mutating func append(_ text: String) throws(AgeError) {
    let bytes = Array(text.utf8)
    try append(bytes.span)
  }

  private mutating func append(_ bytes: Span<UInt8>) throws(AgeError) {
    var rest = bytes
    while !rest.isEmpty {
      if count == Self.size { try flush() }
      let part = rest.extracting(first: Self.size - count)
      let start = count
      unsafe buffer.withUnsafeMutableBytes { buffer in
        unsafe part.withUnsafeBytes { part in
          let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
          unsafe room.copyMemory(from: part)
        }
      }
      count += part.count
      rest = rest.extracting(droppingFirst: part.count)
    }
  }
}
