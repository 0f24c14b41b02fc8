public import SecretMemory

/// A file whose header was read; its payload is still to come from the source.
///
/// Reading the header needs no key, so that many files can be opened, their keys unwrapped in one batch, and their
/// payloads decrypted in parallel. A copy shares the position in a source that is a descriptor: decrypt only one.
public struct EncryptedFile<Source: ByteSource> {
  /// The header, which nothing has authenticated yet.
  public let header: Header
  private var payload: PayloadSource<ArmorReader<Source>>

  /// Reads the header.
  ///
  /// - Throws: `AgeError` with the code `.header`, `.armor` or `.read`.
  public init(
    reading source: Source, armor: ArmorExpectation = .detect
  ) throws(AgeError) {
    var parser = HeaderParser(ArmorReader(source, armor))
    header = try parser.header()
    payload = parser.payload()
  }

  /// Decrypts the payload, in the same memory however large it is.
  ///
  /// Each chunk is written once its tag was checked. On an error, what was written is the clear text of the chunks
  /// before the one that is damaged.
  ///
  /// - Throws: `AgeError` with the code `.payload`, `.header` (there is no nonce), `.armor`, `.memory`, `.read` or `.write`.
  public consuming func decrypt<Sink: ByteSink & ~Copyable>(
    with fileKey: FileKey, to sink: inout Sink
  ) throws(AgeError) {
    var cipher = try readNonce(fileKey)
    var sealed = [UInt8](repeating: 0, count: Payload.sealedChunkSize)
    var count = try readChunk(into: &sealed)
    // No chunk is larger than the first, and most files have less than one.
    var clear = try guarding { () throws(SecretMemoryError) in
      try SecretBytes(count: count, locking: .preferred)
    }
    while true {
      let isLast = try unsafe clear.withUnsafeMutableBytes { clear throws(AgeError) in
        try unsafe sealed.span.withUnsafeBytes { sealed throws(AgeError) in
          unsafe try cipher.open(
            UnsafeRawBufferPointer(rebasing: sealed[..<(count + ChaCha20Poly1305.tagSize)]),
            into: UnsafeMutableRawBufferPointer(rebasing: clear[..<count]))
        }
      }
      try clear.withSpan { clear throws(AgeError) in try sink.write(clear.extracting(..<count)) }
      if isLast { break }
      count = try readChunk(into: &sealed)
    }
    try requireEnd()
  }

  /// Decrypts the payload to memory; on an error there is nothing.
  ///
  /// - Throws: as `decrypt(with:to:)`.
  public consuming func decrypted(with fileKey: FileKey) throws(AgeError) -> SecretBytes {
    var cipher = try readNonce(fileKey)
    var sealed = [UInt8](repeating: 0, count: Payload.sealedChunkSize)
    var clear = try guarding { () throws(SecretMemoryError) in try SecretBuffer(capacity: 0) }
    var isLast = false
    while !isLast {
      let count = try readChunk(into: &sealed)
      try guarding { () throws(SecretMemoryError) in try clear.reserve(count) }
      unsafe try clear.write(upTo: count) { clear throws(AgeError) in
        isLast = try unsafe sealed.span.withUnsafeBytes { sealed throws(AgeError) in
          unsafe try cipher.open(
            UnsafeRawBufferPointer(rebasing: sealed[..<(count + ChaCha20Poly1305.tagSize)]),
            into: clear)
        }
        return count
      }
    }
    try requireEnd()
    return clear.finish()
  }

  private mutating func readNonce(_ fileKey: FileKey) throws(AgeError) -> ChunkCipher {
    var nonce = [UInt8](repeating: 0, count: Payload.nonceSize)
    guard try read(into: &nonce) == nonce.count else {
      throw AgeError(.header, "read the payload: its nonce of 16 bytes is missing or cut short")
    }
    return try ChunkCipher(fileKey, nonce: nonce)
  }

  /// Reads the next chunk.
  ///
  /// - Returns: how much clear text is in it.
  private mutating func readChunk(into sealed: inout [UInt8]) throws(AgeError) -> Int {
    let count = try read(into: &sealed) - ChaCha20Poly1305.tagSize
    guard count >= 0 else {
      throw AgeError(.payload, "decrypt the payload: it is cut short")
    }
    return count
  }

  private mutating func requireEnd() throws(AgeError) {
    var next: [UInt8] = [0]
    guard try read(into: &next) == 0 else {
      throw AgeError(.payload, "decrypt the payload: there is something after its last chunk")
    }
  }

  private mutating func read(into bytes: inout [UInt8]) throws(AgeError) -> Int {
    var span = bytes.mutableSpan
    return try unsafe span.withUnsafeMutableBytes { buffer throws(AgeError) in
      unsafe try payload.fill(buffer)
    }
  }
}

extension EncryptedFile: Sendable where Source: Sendable {}

/// Decrypts all of a source with the first identity that can; see `EncryptedFile.decrypt(with:to:)`.
///
/// - Throws: `AgeError`.
public func decrypt<Source: ByteSource, Sink: ByteSink & ~Copyable>(
  from source: inout Source, to sink: inout Sink, identities: [any Identity],
  armor: ArmorExpectation = .detect
) throws(AgeError) {
  let file = try EncryptedFile(reading: source, armor: armor)
  try file.decrypt(with: file.header.fileKey(identities: identities), to: &sink)
}

/// Decrypts a file in memory with the first identity that can.
///
/// - Throws: `AgeError`.
public func decrypt(
  _ file: [UInt8], identities: [any Identity], armor: ArmorExpectation = .detect
) throws(AgeError) -> SecretBytes {
  let file = try EncryptedFile(reading: BytesSource(file), armor: armor)
  return try file.decrypted(with: file.header.fileKey(identities: identities))
}
