import SecretMemory

/// Some chunks of clear text, and what they are sealed to.
struct SealingBlock: ~Copyable {
  /// Room for one byte more than for whole chunks: only when there is one is the chunk before it known not to be the last.
  private var clear: SecretBytes
  private var count = 0
  private var hasLast = false
  private var failure: AgeError?
  private var cipher: ChunkCipher
  private var sealed: [UInt8]
  private var sealedCount = 0

  init(clearSize: Int, _ cipher: consuming ChunkCipher) throws(AgeError) {
    clear = try guarding { () throws(SecretMemoryError) in
      try SecretBytes(count: clearSize + 1, locking: .preferred)
    }
    sealed = [UInt8](repeating: 0, count: Payload.sealedSize(clearSize))
    self.cipher = cipher
  }

  /// What goes from one block to the next.
  struct Seam: ~Copyable {
    fileprivate var chunk: UInt64 = 0
    /// The byte that was read after the block before, if any.
    fileprivate var next: SecretBytes
    fileprivate var hasNext = false

    init() throws(AgeError) {
      next = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: 1) }
    }
  }

  /// Fills the block from a source.
  ///
  /// - Returns: whether nothing follows.
  mutating func take(from source: inout some ByteSource, _ seam: inout Seam) -> Bool {
    let filled = unsafe clear.withUnsafeMutableBytes { clear in
      if seam.hasNext { unsafe seam.next.withUnsafeBytes { unsafe clear.copyMemory(from: $0) } }
      return unsafe source.fill(
        clear, after: seam.hasNext ? 1 : 0, unit: Payload.chunkSize, additional: 1)
    }
    hasLast = filled.isAtEnd
    failure = filled.failure
    // Whole chunks after which there is something, unless there is nothing.
    count = hasLast ? filled.count : (filled.count - 1) / Payload.chunkSize * Payload.chunkSize
    if count < filled.count {
      unsafe clear.withUnsafeBytes { clear in
        unsafe seam.next.withUnsafeMutableBytes { unsafe $0[0] = clear[count] }
      }
      seam.hasNext = true
    }
    cipher.chunk = seam.chunk
    seam.chunk += UInt64(count / Payload.chunkSize)
    return hasLast || failure != nil
  }

  /// Seals what there is.
  mutating func seal() {
    sealedCount = 0
    if count == 0 && !hasLast { return }
    var start = 0
    repeat {
      let end = min(start + Payload.chunkSize, count)
      let sealedEnd = sealedCount + end - start + ChaCha20Poly1305.tagSize
      unsafe clear.withUnsafeMutableBytes { clear in
        unsafe sealed.withUnsafeMutableBytes { sealed in
          unsafe cipher.seal(
            UnsafeRawBufferPointer(rebasing: clear[start..<end]), isLast: hasLast && end == count,
            into: UnsafeMutableRawBufferPointer(rebasing: sealed[sealedCount..<sealedEnd]))
        }
      }
      start = end
      sealedCount = sealedEnd
    } while start < count
  }

  /// Hands over what was sealed.
  ///
  /// - Throws: what `write` throws, then what went wrong with what was to follow.
  func give(to write: (Span<UInt8>) throws(AgeError) -> Void) throws(AgeError) {
    try write(sealed.span.extracting(..<sealedCount))
    if let failure { throw failure }
  }
}
