import SecretMemory

/// Some sealed chunks, and what they open to.
struct OpeningBlock: ~Copyable {
  private var sealed: [UInt8]
  private var filled = Filled()
  private var cipher: ChunkCipher
  /// As large as was needed yet: most files have less than a chunk.
  private var clear: SecretBytes?
  /// How much of that is authentic.
  private var count = 0
  /// Whether the last chunk is among them.
  private var hasLast = false
  /// What is wrong with the chunk after those.
  private var failure: AgeError?

  init(chunks: Int, _ cipher: consuming ChunkCipher) {
    sealed = [UInt8](repeating: 0, count: chunks * Payload.sealedChunkSize)
    self.cipher = cipher
  }

  /// Fills the block from a source, of which `chunk` chunks were taken before.
  ///
  /// - Returns: whether nothing follows.
  mutating func take(from source: inout some ByteSource, _ chunk: inout UInt64) -> Bool {
    filled = unsafe sealed.withUnsafeMutableBytes { sealed in
      unsafe source.fill(sealed, after: 0, unit: Payload.sealedChunkSize, additional: 0)
    }
    cipher.chunk = chunk
    chunk += UInt64(filled.count / Payload.sealedChunkSize)
    return filled.isAtEnd || filled.failure != nil
  }

  /// Opens what there is, up to the last chunk or to one that is damaged.
  mutating func open() {
    count = 0
    hasLast = false
    failure = nil
    do throws(AgeError) {
      try makeRoom()
      var start = 0
      while !hasLast {
        let end = min(start + Payload.sealedChunkSize, filled.count)
        // What is there of a chunk is none as long as the source is not at its end.
        if end - start < Payload.sealedChunkSize && !filled.isAtEnd { return }
        try openChunk(start..<end)
        start = end
      }
      if start < filled.count { throw Self.somethingAfter }
    } catch {
      failure = error
    }
  }

  private mutating func makeRoom() throws(AgeError) {
    let size = Payload.clearSize(filled.count)
    if let room = clear?.count, room >= size { return }
    clear = nil
    clear = try guarding { () throws(SecretMemoryError) in
      try SecretBytes(count: size, locking: .preferred)
    }
  }

  private mutating func openChunk(_ chunk: Range<Int>) throws(AgeError) {
    let end = count + chunk.count - ChaCha20Poly1305.tagSize
    guard end >= count else {
      throw AgeError(.payload, "decrypt the payload: it is cut short")
    }
    let sealed = sealed
    hasLast = try cipher.open(sealed.span.extracting(chunk), into: &clear!, at: count..<end)
    count = end
  }

  /// Hands over what was opened.
  ///
  /// - Parameters:
  ///   - isOver: whether the last chunk was handed over.
  ///   - write: takes the clear text, or as much at its begin as is authentic.
  /// - Throws: what `write` throws, then what is wrong with what follows.
  mutating func give(
    _ isOver: inout Bool, to write: (inout SecretBytes?, Int) throws(AgeError) -> Void
  ) throws(AgeError) {
    if isOver {
      if filled.count > 0 { throw Self.somethingAfter }
    } else {
      if count > 0 || hasLast { try write(&clear, count) }
      if let failure { throw failure }
      isOver = hasLast
    }
    if let failure = filled.failure { throw failure }
  }

  private static var somethingAfter: AgeError {
    AgeError(.payload, "decrypt the payload: there is something after its last chunk")
  }
}
