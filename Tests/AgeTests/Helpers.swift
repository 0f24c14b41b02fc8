import Age
import SecretMemory
import TestSupport

/// A source that gives at most a few bytes at a time.
struct TrickleSource: ByteSource {
  private var source: BytesSource
  private let step: Int

  init(_ bytes: [UInt8], step: Int) {
    source = BytesSource(bytes)
    self.step = step
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(step, buffer.count)])
    return unsafe try source.read(into: part)
  }
}

extension SecretBytes {
  /// A copy that is not secret.
  var revealed: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

extension X25519Identity {
  convenience init(text: String) throws {
    try self.init(Array(text.utf8).span)
  }
}

/// The clear text that decrypting released, and how it ended.
struct Outcome {
  var released: [UInt8]
  var failure: AgeError?

  /// Decrypts through streams.
  init(_ source: some ByteSource, _ identities: [any Identity], armor: ArmorExpectation = .detect) {
    var source = source
    var sink = BytesSink()
    do {
      try decrypt(from: &source, to: &sink, identities: identities, armor: armor)
    } catch {
      failure = error
    }
    released = sink.bytes
  }
}

/// The code of the error that an expression throws.
func code(_ body: () throws -> Void) -> AgeError.Code? {
  do {
    try body()
    return nil
  } catch {
    return (error as? AgeError)?.code
  }
}

/// Encrypts bytes in memory.
func encrypted(
  _ clear: [UInt8], _ recipients: [any Recipient], armor: Bool = false
) throws -> [UInt8] {
  try encrypt(
    SecretBytes(copying: clear, locking: .preferred), recipients: recipients, armor: armor)
}
