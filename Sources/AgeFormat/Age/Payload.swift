import CLibsodium
import SecretMemory

/// The shape of a payload (Section "Payload"): a nonce, then chunks of which all but the last are full.
enum Payload {
  static let nonceSize = 16
  static let chunkSize = 64 << 10
  static let sealedChunkSize = chunkSize + ChaCha20Poly1305.tagSize

  /// The size of the clear text in `count` bytes of chunks, of which the last may be cut short.
  static func clearSize(_ count: Int) -> Int {
    let (chunks, rest) = count.quotientAndRemainder(dividingBy: sealedChunkSize)
    return chunks * chunkSize + max(0, rest - ChaCha20Poly1305.tagSize)
  }

  /// The size of a payload with `count` bytes of clear text, without its nonce.
  static func sealedSize(_ count: Int) -> Int {
    let chunks = max(1, (count + chunkSize - 1) / chunkSize)
    return count + chunks * ChaCha20Poly1305.tagSize
  }
}

/// Seals or opens the chunks of one payload, one after the other.
struct ChunkCipher: ~Copyable, Sendable {
  private let key: SecretBytes
  private let bulk: BulkChaCha20Poly1305?
  /// The number of the next chunk.
  var chunk: UInt64 = 0

  init(_ fileKey: FileKey, nonce: [UInt8]) throws(AgeError) {
    key = try HKDF.derive(from: fileKey.bytes, salt: nonce, info: "payload")
    bulk = nil
  }

  private init(_ key: consuming SecretBytes, _ bulk: consuming BulkChaCha20Poly1305?) {
    self.key = key
    self.bulk = bulk
  }

  /// Makes another for the same payload, with what takes a moment to start and is then faster if it is for many chunks.
  borrowing func copy(forMany isForMany: Bool) throws(AgeError) -> ChunkCipher {
    let key = try guarding { () throws(SecretMemoryError) in try self.key.copy() }
    let bulk = isForMany ? try BulkChaCha20Poly1305(key: key) : nil
    return ChunkCipher(key, bulk)
  }

  /// Seals the next chunk into `sealed`, which is 16 bytes longer.
  mutating func seal(
    _ clear: UnsafeRawBufferPointer, isLast: Bool, into sealed: UnsafeMutableRawBufferPointer
  ) {
    let nonce = nonce(isLast: isLast)
    if bulk != nil {
      unsafe bulk!.seal(clear, nonce: nonce, into: sealed)
    } else {
      unsafe ChaCha20Poly1305.seal(clear, key: key, nonce: nonce, into: sealed)
    }
    chunk += 1
  }

  /// Opens the next chunk into `clear`, which is 16 bytes shorter.
  ///
  /// Only the last chunk can be short. Whether a full one is the last, its tag says.
  ///
  /// - Returns: whether the chunk is the last.
  /// - Throws: `AgeError` with the code `.payload`; what is in `clear` then means nothing.
  mutating func open(
    _ sealed: UnsafeRawBufferPointer, into clear: UnsafeMutableRawBufferPointer
  ) throws(AgeError) -> Bool {
    let isFull = clear.count == Payload.chunkSize
    guard clear.count > 0 || chunk == 0 else {
      throw AgeError(.payload, "decrypt the payload: its last chunk is empty")
    }
    for isLast in isFull ? [false, true] : [true] {
      let nonce = nonce(isLast: isLast)
      let isOpen =
        if bulk != nil {
          unsafe bulk!.open(sealed, nonce: nonce, into: clear)
        } else {
          unsafe ChaCha20Poly1305.open(sealed, key: key, nonce: nonce, into: clear)
        }
      if isOpen {
        chunk += 1
        return isLast
      }
    }
    throw AgeError(
      .payload, "decrypt the payload: chunk \(chunk) is damaged or the file is cut short")
  }

  /// Opens the next chunk into a part of `clear`; see above.
  mutating func open(
    _ sealed: Span<UInt8>, into clear: inout SecretBytes, at place: Range<Int>
  ) throws(AgeError) -> Bool {
    try unsafe clear.withUnsafeMutableBytes { clear throws(AgeError) in
      try unsafe sealed.withUnsafeBytes { sealed throws(AgeError) in
        unsafe try open(sealed, into: UnsafeMutableRawBufferPointer(rebasing: clear[place]))
      }
    }
  }

  /// The number of the next chunk, big endian in 11 bytes, and whether it is the last.
  private func nonce(isLast: Bool) -> [UInt8] {
    var nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceSize)
    for byte in 0..<8 { nonce[10 - byte] = UInt8(truncatingIfNeeded: chunk >> (8 * byte)) }
    nonce[11] = isLast ? 1 : 0
    return nonce
  }
}
