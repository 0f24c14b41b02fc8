package import Age
import CLibsodium
import Glibc
package import SecretMemory

/// What a plugin says at once: a stanza in the format of a header (Section "IPC protocol").
package struct PluginCommand: ~Copyable, Sendable {
  /// What is to be done.
  package let name: String
  package let arguments: [String]
  /// The data, which may be a file key.
  package let body: SecretBytes

  /// Gives up the data.
  consuming func takeBody() -> SecretBytes { body }
}

/// Reads stanzas from a plugin, as far as its limits go.
///
/// Every byte of them stays in guarded memory: among them are file keys.
package struct StanzaReader<Source: ByteSource>: ~Copyable {
  /// The longest line, in bytes.
  package static var longestLine: Int { 64 << 10 }
  /// The largest body, in bytes.
  package static var largestBody: Int { 1 << 20 }

  private var source: Source
  /// What messages call the plugin.
  private let program: String
  private let limits: ReplyLimits
  /// What was read and not yet used lies in `unread`.
  private var buffer: SecretBytes
  private var unread = 0..<0
  /// Where the current line, without its line feed, lies.
  private var line = 0..<0
  private var bytes = 0
  private var stanzas = 0

  /// - Throws: `AgeError` with the code `.memory`.
  package init(_ source: Source, from program: String, limits: ReplyLimits) throws(AgeError) {
    self.source = source
    self.program = program
    self.limits = limits
    // One more than a line: its line feed.
    buffer = try guarding { () throws(SecretMemoryError) in
      try SecretBytes(count: Self.longestLine + 1)
    }
  }

  /// `stanza = arg-line *full-line final-line`
  ///
  /// - Returns: nil where the source ends and no stanza has begun.
  /// - Throws: `AgeError` with the code `.plugin` for what is no stanza or over a limit, `.read` or `.memory`.
  package mutating func next() throws(AgeError) -> PluginCommand? {
    guard try nextLine() else { return nil }
    stanzas += 1
    guard stanzas <= limits.stanzas else {
      throw flaw("it sent more than \(limits.stanzas) stanzas")
    }
    let line = line
    guard let words = buffer.withSpan({ Stanza.arguments(ofLine: $0.extracting(line)) }) else {
      throw flaw("it sent a line that does not begin a stanza")
    }
    return PluginCommand(
      name: words[0], arguments: Array(words.dropFirst()), body: try body())
  }

  /// `*full-line final-line`
  private mutating func body() throws(AgeError) -> SecretBytes {
    var body = try guarding { () throws(SecretMemoryError) in
      try SecretBuffer(capacity: Base64.bytesPerLine, locking: .required)
    }
    repeat {
      guard try nextLine() else { throw flaw("it ended in the middle of a stanza") }
      guard body.count + Base64.bytesPerLine <= Self.largestBody else {
        throw flaw("it sent a stanza over the limit of \(Self.largestBody >> 20) MiB")
      }
      try guarding { () throws(SecretMemoryError) in try body.reserve(Base64.bytesPerLine) }
      guard line.count <= Base64.columns, appendLine(to: &body) else {
        throw flaw("it sent a body that is not canonical base64 in \(Base64.columns) columns")
      }
    } while line.count == Base64.columns
    return body.finish()
  }

  /// Decodes the current line, in a time that depends on its length alone.
  private borrowing func appendLine(to body: inout SecretBuffer) -> Bool {
    let line = line
    var isCanonical = true
    unsafe buffer.withUnsafeBytes { buffer in
      let text = unsafe UnsafeRawBufferPointer(rebasing: buffer[line])
      _ = unsafe body.write(upTo: Base64.bytesPerLine) { room in
        var count = 0
        isCanonical =
          unsafe sodium_base642bin(
            room.baseAddress!, room.count, text.baseAddress!, text.count, nil, &count, nil,
            sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0
        return isCanonical ? count : 0
      }
    }
    return isCanonical
  }

  /// Moves `line` on to the next line; false at the end.
  private mutating func nextLine() throws(AgeError) -> Bool {
    while true {
      let unread = unread
      if let end = lineFeed(in: unread) {
        line = unread.lowerBound..<end
        self.unread = (end + 1)..<unread.upperBound
        return true
      }
      guard unread.count < buffer.count else {
        throw flaw("it sent a line of more than \(Self.longestLine >> 10) KiB")
      }
      if try refill() { continue }
      guard unread.isEmpty else { throw flaw("it ended in the middle of a line") }
      return false
    }
  }

  private borrowing func lineFeed(in range: Range<Int>) -> Int? {
    unsafe buffer.withUnsafeBytes { bytes in
      let found = unsafe memchr(
        bytes.baseAddress! + range.lowerBound, Int32(Base64.lineFeed), range.count)
      return unsafe found.map { unsafe UnsafeRawPointer($0) - bytes.baseAddress! }
    }
  }

  /// Reads more behind what is unread, which moves to the front; false at the end.
  private mutating func refill() throws(AgeError) -> Bool {
    let held = unread
    unsafe buffer.withUnsafeMutableBytes { buffer in
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[held]))
    }
    var source = source
    let count = try unsafe buffer.withUnsafeMutableBytes { buffer throws(AgeError) in
      unsafe try source.read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[held.count...]))
    }
    self.source = source
    unread = 0..<(held.count + count)
    bytes += count
    guard bytes <= limits.bytes else {
      throw flaw("it sent more than \(limits.bytes >> 20) MiB")
    }
    return count > 0
  }

  private func flaw(_ what: String) -> AgeError { AgeError(.plugin, "\(program): \(what)") }
}

/// How much one run of a plugin may say.
package struct ReplyLimits: Sendable {
  /// The most stanzas: a thousand, and some for each answer.
  package let stanzas: Int
  /// The most bytes: 16 MiB, and some for each answer.
  package let bytes: Int

  /// The limits where `answers` file keys or stanzas are to come.
  package init(answers: Int) {
    stanzas = 1000 + 16 * answers
    bytes = 16 << 20 + answers << 16
  }
}
