import Age
import SecretMemory

/// Clear text on its way to a terminal, held back until it is whole, and refused if it is not text.
struct TerminalText: ~Copyable, ByteSink {
  private var text: SecretBuffer
  private let allowsAll: Bool
  private var previous: UInt8 = 0

  /// - Parameter allowsAll: whether control characters may be in it, because somebody insists.
  init(allowsAll: Bool) throws(AgeError) {
    do { text = try SecretBuffer(capacity: 4096) } catch { throw AgeError(error) }
    self.allowsAll = allowsAll
  }

  mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
    for index in bytes.indices where !allowsAll {
      guard !isControl(bytes[index]) else { throw Self.refusal }
      previous = bytes[index]
    }
    guard text.count + bytes.count <= largestSecret else {
      throw AgeError(.write, "write to the terminal: over \(largestSecret >> 30) GiB")
    }
    try text.write(bytes)
  }

  /// What one of Unicode's control characters ends with, but for tabs and the ends of lines.
  private func isControl(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x09, 0x0a, 0x0d: false
    case ..<0x20, 0x7f: true
    // U+0080 to U+009F in UTF-8.
    case 0x80...0x9f: previous == 0xc2
    default: false
    }
  }

  private static var refusal: AgeError {
    AgeError(
      .write, "refusing to output binary to the terminal", hint: "force anyway with \"-o -\"")
  }

  /// Writes it.
  consuming func finish(to sink: inout DescriptorSink) throws(AgeError) {
    try text.withSpan { text throws(AgeError) in try sink.write(text) }
  }
}
