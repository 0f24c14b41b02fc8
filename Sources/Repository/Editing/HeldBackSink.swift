import Age
import SecretMemory
import SystemPackage

/// Writes clear text to a descriptor, though nothing of it before a whole small file was checked.
///
/// age's chunks are checked one by one; a damaged file may give some before its damage is found. Up
/// to `limit` bytes are held back in guarded memory until `finish`, so that such a file gives none;
/// of a larger file the chunks flow through.
struct HeldBackSink: ByteSink, ~Copyable {
  /// Bytes that are held back.
  static let limit = 1 << 20

  private var held: SecretBuffer
  private var isOpen = false
  private var output: DescriptorSink

  init(_ descriptor: FileDescriptor) throws(SecretMemoryError) {
    held = try SecretBuffer(capacity: 0)
    output = DescriptorSink(descriptor)
  }

  mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
    if !isOpen, held.count + bytes.count <= Self.limit {
      do { try held.append(bytes) } catch { throw AgeError(error) }
      return
    }
    try open()
    try output.write(bytes)
  }

  /// Writes what is still held back.
  consuming func finish() throws(AgeError) { try open() }

  private mutating func open() throws(AgeError) {
    guard !isOpen else { return }
    isOpen = true
    var sink = output
    try held.withSpan { bytes throws(AgeError) in try sink.write(bytes) }
  }
}
