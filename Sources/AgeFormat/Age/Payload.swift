import CLibsodium
import SecretMemory

/// The shape of a payload (Section "Payload"): a nonce, then chunks of which all but the last are full.
enum Payload {
  static let nonceSize = 16
  static let chunkSize = 64 << 10
  static let sealedChunkSize = chunkSize + ChaCha20Poly1305.tagSize

  /// The size of a payload with `count` bytes of clear text, without its nonce.
  static func sealedSize(_ count: Int) -> Int {
    let chunks = max(1, (count + chunkSize - 1) / chunkSize)
    return count + chunks * ChaCha20Poly1305.tagSize
  }
}

/// Seals or opens the chunks of one payload in turn.
struct ChunkCipher: ~Copyable, Sendable {
  private let key: SecretBytes
  /// The number of the next chunk, big endian in 11 bytes, and whether it is the last.
  private var nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceSize)
  private var chunk: UInt64 = 0

  init(_ fileKey: FileKey, nonce: [UInt8]) throws(AgeError) {
    key = try HKDF.derive(from: fileKey.bytes, salt: nonce, info: "payload")
  }

  /// Seals the next chunk into `sealed`, which is 16 bytes longer.
  mutating func seal(
    _ clear: UnsafeRawBufferPointer, isLast: Bool, into sealed: UnsafeMutableRawBufferPointer
  ) {
    setNonce(isLast: isLast)
    unsafe ChaCha20Poly1305.seal(clear, key: key, nonce: nonce, into: sealed)
    chunk += 1
  }

  /// Opens the next chunk into `clear`, which is 16 bytes shorter.
  ///
  /// Only the last chunk can be short. Whether a full one is the last, its tag says.
  ///
  /// - Returns: whether the chunk is the last.
  /// - Throws: `AgeError` with the code `.payload`; nothing was then written to `clear`.
  mutating func open(
    _ sealed: UnsafeRawBufferPointer, into clear: UnsafeMutableRawBufferPointer
  ) throws(AgeError) -> Bool {
    let isFull = clear.count == Payload.chunkSize
    guard clear.count > 0 || chunk == 0 else {
      throw AgeError(.payload, "decrypt the payload: its last chunk is empty")
    }
    for isLast in isFull ? [false, true] : [true] {
      setNonce(isLast: isLast)
      if unsafe ChaCha20Poly1305.open(sealed, key: key, nonce: nonce, into: clear) {
        chunk += 1
        return isLast
      }
    }
    throw AgeError(
      .payload, "decrypt the payload: chunk \(chunk) is damaged or the file is cut short")
  }

  private mutating func setNonce(isLast: Bool) {
    for byte in 0..<8 { nonce[10 - byte] = UInt8(truncatingIfNeeded: chunk >> (8 * byte)) }
    nonce[11] = isLast ? 1 : 0
  }
}
