import CLibsodium
public import SecretMemory

/// Encrypts all of a source to recipients.
///
/// Memory stays the same however much there is: one chunk of clear text, wiped at the end, and one of cipher text.
///
/// - Throws: `AgeError` with the code `.recipient`, `.memory`, `.read` or `.write`.
public func encrypt<Source: ByteSource, Sink: ByteSink & ~Copyable>(
  from source: inout Source, to sink: inout Sink, recipients: [any Recipient], armor: Bool = false
) throws(AgeError) {
  var output = FileWriter(armor: armor)
  let fileKey = try FileKey()
  let header = try Header(wrapping: fileKey, recipients: recipients)
  var cipher = try output.begin(header, fileKey, &sink)
  let size = Payload.chunkSize
  // One byte more than a chunk: only when there is one is the chunk before it known not to be the last.
  var clear = try guarding { () throws(SecretMemoryError) in
    try SecretBytes(count: size + 1, locking: .preferred)
  }
  var sealed = [UInt8](repeating: 0, count: Payload.sealedChunkSize)
  var held = 0
  var isLast = false
  while !isLast {
    held += try unsafe clear.withUnsafeMutableBytes { clear throws(AgeError) in
      unsafe try source.fill(UnsafeMutableRawBufferPointer(rebasing: clear[held...]))
    }
    isLast = held <= size
    let count = min(held, size)
    unsafe clear.withUnsafeMutableBytes { clear in
      unsafe sealed.withUnsafeMutableBytes { sealed in
        unsafe cipher.seal(
          UnsafeRawBufferPointer(rebasing: clear[..<count]), isLast: isLast,
          into: UnsafeMutableRawBufferPointer(
            rebasing: sealed[..<(count + ChaCha20Poly1305.tagSize)]))
      }
      unsafe clear[0] = clear[size]
    }
    held -= count
    try output.write(sealed.span.extracting(..<(count + ChaCha20Poly1305.tagSize)), &sink)
  }
  try output.finish(&sink)
}

/// Encrypts bytes in memory to recipients.
///
/// - Throws: `AgeError` with the code `.recipient` or `.memory`.
public func encrypt(
  _ clear: borrowing SecretBytes, recipients: [any Recipient], armor: Bool = false
) throws(AgeError) -> [UInt8] {
  let fileKey = try FileKey()
  let header = try Header(wrapping: fileKey, recipients: recipients)
  return try encrypt(clear, header, fileKey, armor: armor)
}

/// Encrypts bytes in memory under a header that was made before, with its file key, as `Header.wrapping` makes several.
///
/// - Throws: `AgeError` with the code `.headerMAC` if the file key is another header's, or `.memory`.
package func encrypt(
  _ clear: borrowing SecretBytes, under header: Header, fileKey: FileKey, armor: Bool = false
) throws(AgeError) -> [UInt8] {
  // A file under the wrong key could never be read again.
  try header.authenticate(with: fileKey)
  return try encrypt(clear, header, fileKey, armor: armor)
}

private func encrypt(
  _ clear: borrowing SecretBytes, _ header: Header, _ fileKey: FileKey, armor: Bool
) throws(AgeError) -> [UInt8] {
  var sink = BytesSink()
  var output = FileWriter(armor: armor)
  var cipher = try output.begin(header, fileKey, &sink)
  let size = Payload.sealedSize(clear.count)
  let sealed = unsafe clear.withUnsafeBytes { clear in
    unsafe [UInt8](unsafeUninitializedCapacity: size) { sealed, count in
      unsafe sealChunks(of: clear, into: UnsafeMutableRawBufferPointer(sealed), &cipher)
      count = size
    }
  }
  try output.write(sealed.span, &sink)
  try output.finish(&sink)
  return sink.bytes
}

/// Seals bytes chunk by chunk.
private func sealChunks(
  of clear: UnsafeRawBufferPointer, into sealed: UnsafeMutableRawBufferPointer,
  _ cipher: inout ChunkCipher
) {
  var start = 0
  var end = 0
  repeat {
    let count = min(clear.count - start, Payload.chunkSize)
    let isLast = start + count == clear.count
    let sealedCount = count + ChaCha20Poly1305.tagSize
    unsafe cipher.seal(
      UnsafeRawBufferPointer(rebasing: clear[start..<(start + count)]), isLast: isLast,
      into: UnsafeMutableRawBufferPointer(rebasing: sealed[end..<(end + sealedCount)]))
    start += count
    end += sealedCount
  } while start < clear.count
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
