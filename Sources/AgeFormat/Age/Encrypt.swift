import CLibsodium
public import SecretMemory

/// Encrypts all of a source to recipients.
///
/// Memory stays the same however much there is. What is more than a few chunks is read, sealed and written at once, on
/// all processors.
///
/// - Throws: `AgeError` with the code `.recipient`, `.memory`, `.read` or `.write`.
public func encrypt<Source: ByteSource, Sink: ByteSink & ~Copyable>(
  from source: inout Source, to sink: inout Sink, recipients: [any Recipient], armor: Bool = false
) throws(AgeError) {
  try encrypt(
    from: &source, to: &sink, recipients: recipients, armor: armor, division: .standard)
}

/// Encrypts all of a source to recipients, divided as is wanted.
package func encrypt<Source: ByteSource, Sink: ByteSink & ~Copyable>(
  from source: inout Source, to sink: inout Sink, recipients: [any Recipient], armor: Bool,
  division: Division
) throws(AgeError) {
  var output = FileWriter(armor: armor)
  let fileKey = try FileKey()
  let header = try Header(wrapping: fileKey, recipients: recipients)
  let cipher = try output.begin(header, fileKey, &sink)
  try seal(from: &source, to: &sink, &output, cipher, division)
  try output.finish(&sink)
}

/// Encrypts bytes in memory to recipients.
///
/// - Throws: `AgeError` with the code `.recipient` or `.memory`.
public func encrypt(
  _ clear: borrowing SecretBytes, recipients: [any Recipient], armor: Bool = false
) throws(AgeError) -> [UInt8] {
  try encrypt(clear, recipients: recipients, armor: armor, division: .standard)
}

/// Encrypts bytes in memory to recipients, divided as is wanted.
package func encrypt(
  _ clear: borrowing SecretBytes, recipients: [any Recipient], armor: Bool, division: Division
) throws(AgeError) -> [UInt8] {
  let fileKey = try FileKey()
  let header = try Header(wrapping: fileKey, recipients: recipients)
  return try encrypt(clear, header, fileKey, armor: armor, division)
}

/// Encrypts bytes in memory under a header that was made before, with its file key, as `Header.wrapping` makes several.
///
/// - Throws: `AgeError` with the code `.headerMAC` if the file key is another header's, or `.memory`.
package func encrypt(
  _ clear: borrowing SecretBytes, under header: Header, fileKey: FileKey, armor: Bool = false
) throws(AgeError) -> [UInt8] {
  // A file under the wrong key could never be read again.
  try header.authenticate(with: fileKey)
  return try encrypt(clear, header, fileKey, armor: armor, .standard)
}

private func encrypt(
  _ clear: borrowing SecretBytes, _ header: Header, _ fileKey: FileKey, armor: Bool,
  _ division: Division
) throws(AgeError) -> [UInt8] {
  var sink = BytesSink()
  var output = FileWriter(armor: armor)
  let cipher = try output.begin(header, fileKey, &sink)
  let size = Payload.sealedSize(clear.count)
  sink.reserve(armor ? ArmorWriter.size(size) : size)
  try unsafe clear.withUnsafeBytes { clear throws(AgeError) in
    var source = unsafe SecretSource(clear)
    try seal(from: &source, to: &sink, &output, cipher, division, most: clear.count)
  }
  try output.finish(&sink)
  return sink.bytes
}

/// Seals a payload, which has at most `most` bytes.
private func seal<Source: ByteSource, Sink: ByteSink & ~Copyable>(
  from source: inout Source, to sink: inout Sink, _ output: inout FileWriter,
  _ cipher: borrowing ChunkCipher, _ division: Division, most: Int = .max
) throws(AgeError) {
  var seam = try SealingBlock.Seam()
  try passBlocks(division) { chunks, isAlone throws(AgeError) in
    try SealingBlock(
      clearSize: min(chunks * Payload.chunkSize, most), cipher.copy(forMany: !isAlone))
  } take: { block in
    block.take(from: &source, &seam)
  } work: { block in
    block.seal()
  } give: { block throws(AgeError) in
    try block.give { sealed throws(AgeError) in try output.write(sealed, &sink) }
  }
}

/// Writes the parts of a file, in armor or not.
private struct FileWriter: ~Copyable {
  private var armor: ArmorWriter?

  init(armor: Bool) {
    self.armor = armor ? ArmorWriter() : nil
  }

  /// Writes the header and the payload's nonce.
  mutating func begin<Sink: ByteSink & ~Copyable>(
    _ header: Header, _ fileKey: FileKey, _ sink: inout Sink
  ) throws(AgeError) -> ChunkCipher {
    let nonce = unsafe [UInt8](unsafeUninitializedCapacity: Payload.nonceSize) { buffer, count in
      unsafe randombytes_buf(buffer.baseAddress!, Payload.nonceSize)
      count = Payload.nonceSize
    }
    try write((header.encoded + nonce).span, &sink)
    return try ChunkCipher(fileKey, nonce: nonce)
  }

  mutating func write<Sink: ByteSink & ~Copyable>(
    _ bytes: Span<UInt8>, _ sink: inout Sink
  ) throws(AgeError) {
    if armor == nil {
      try sink.write(bytes)
    } else {
      try armor!.write(bytes, to: &sink)
    }
  }

  mutating func finish<Sink: ByteSink & ~Copyable>(_ sink: inout Sink) throws(AgeError) {
    if armor != nil { try armor!.finish(to: &sink) }
  }
}
