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
  /// Each chunk is written once its tag was checked and all before it were written; what is more than a few chunks is
  /// read, opened and written at once, on all processors. On an error, what was written is the clear text of the chunks
  /// before the one that is damaged.
  ///
  /// - Throws: `AgeError` with the code `.payload`, `.header` (there is no nonce), `.armor`, `.memory`, `.read` or `.write`.
  public consuming func decrypt<Sink: ByteSink & ~Copyable>(
    with fileKey: FileKey, to sink: inout Sink
  ) throws(AgeError) {
    try decrypt(with: fileKey, to: &sink, division: .standard)
  }

  /// Decrypts the payload, divided as is wanted.
  package consuming func decrypt<Sink: ByteSink & ~Copyable>(
    with fileKey: FileKey, to sink: inout Sink, division: Division
  ) throws(AgeError) {
    try open(with: fileKey, division) { clear, count throws(AgeError) in
      try clear!.withSpan { clear throws(AgeError) in try sink.write(clear.extracting(..<count)) }
    }
  }

  /// Decrypts the payload to memory; on an error there is nothing.
  ///
  /// - Throws: as `decrypt(with:to:)`.
  public consuming func decrypted(with fileKey: FileKey) throws(AgeError) -> SecretBytes {
    try decrypted(with: fileKey, division: .standard)
  }

  /// Decrypts the payload to memory, divided as is wanted.
  package consuming func decrypted(
    with fileKey: FileKey, division: Division
  ) throws(AgeError) -> SecretBytes {
    var all: SecretBuffer?
    try open(with: fileKey, division) { clear, count throws(AgeError) in
      if all == nil {
        // The first chunk is the whole of most files, and is not copied.
        var first = clear.take()!
        first.truncate(to: count)
        all = SecretBuffer(first)
      } else {
        try clear!.withSpan { clear throws(AgeError) in
          try all!.write(clear.extracting(..<count))
        }
      }
    }
    return all.take()!.finish()
  }

  /// Opens the payload; `write` gets each block's clear text, of which as much as it is told is authentic.
  private mutating func open(
    with fileKey: FileKey, _ division: Division,
    _ write: (inout SecretBytes?, Int) throws(AgeError) -> Void
  ) throws(AgeError) {
    let cipher = try readNonce(fileKey)
    var chunk: UInt64 = 0
    var isOver = false
    try passBlocks(division) { chunks, isAlone throws(AgeError) in
      OpeningBlock(chunks: chunks, try cipher.copy(forMany: !isAlone))
    } take: { block in
      block.take(from: &payload, &chunk)
    } work: { block in
      block.open()
    } give: { block throws(AgeError) in
      try block.give(&isOver, to: write)
    }
  }

  private mutating func readNonce(_ fileKey: FileKey) throws(AgeError) -> ChunkCipher {
    var nonce = [UInt8](repeating: 0, count: Payload.nonceSize)
    guard try read(into: &nonce) == nonce.count else {
      throw AgeError(.header, "read the payload: its nonce of 16 bytes is missing or cut short")
    }
    return try ChunkCipher(fileKey, nonce: nonce)
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
