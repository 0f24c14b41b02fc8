/// What can be told of a file without a key: its header, and the sizes of its parts if it decrypts.
package struct Inspection: Sendable {
  /// The header, which nothing has authenticated.
  package let header: Header
  package let isArmored: Bool
  /// The bytes of the header.
  package let headerSize: Int
  /// The bytes that the armor adds.
  package let armorSize: Int
  /// The bytes of the payload's nonce and tags.
  package let overhead: Int
  /// The bytes of clear text.
  package let payload: Int

  /// Reads the header, and as much more as it takes to know the sizes; nothing is kept.
  ///
  /// - Parameter size: how many bytes there are, if that is known; armored files are read to their end all the same.
  /// - Throws: `AgeError` with the code `.header`, `.armor` or `.read`, or `.payload` if no payload has that size.
  package init(reading source: some ByteSource, size: Int?) throws(AgeError) {
    let seen = Seen()
    var parser = HeaderParser(ArmorReader(WatchedSource(source: source, seen: seen), .detect))
    header = try parser.header()
    headerSize = header.encoded.count
    isArmored = seen.isArmored
    let sealed: Int
    if let size, !isArmored {
      sealed = size - headerSize
      armorSize = 0
    } else {
      var payload = parser.payload()
      sealed = try Self.count(&payload)
      armorSize = isArmored ? seen.count - headerSize - sealed : 0
    }
    overhead = try Self.overhead(sealed)
    payload = sealed - overhead
  }

  private static func count(_ source: inout some ByteSource) throws(AgeError) -> Int {
    var buffer = [UInt8](repeating: 0, count: Payload.chunkSize)
    var total = 0
    while true {
      var span = buffer.mutableSpan
      let count = try unsafe span.withUnsafeMutableBytes { buffer throws(AgeError) in
        unsafe try source.read(into: buffer)
      }
      if count == 0 { return total }
      total += count
    }
  }

  /// What a nonce and chunks with a tag each add, given what there is of all.
  private static func overhead(_ sealed: Int) throws(AgeError) -> Int {
    let size = sealed - Payload.nonceSize
    let chunks = (size + Payload.sealedChunkSize - 1) / Payload.sealedChunkSize
    let last = size - (chunks - 1) * Payload.sealedChunkSize
    let tag = ChaCha20Poly1305.tagSize
    guard size >= tag, chunks == 1 ? last >= tag : last > tag else {
      throw AgeError(.payload, "measure the payload: it is cut short")
    }
    return Payload.nonceSize + chunks * tag
  }
}

/// What has been read of a source.
private final class Seen {
  var count = 0
  /// Whether the first byte that is no white space is a dash, as `ArmorReader` decides.
  var isArmored = false
  var isDecided = false
}

private struct WatchedSource<Source: ByteSource>: ByteSource {
  var source: Source
  let seen: Seen

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let count = unsafe try source.read(into: buffer)
    seen.count += count
    if !seen.isDecided,
      let first = unsafe buffer[..<count].first(where: { !ArmorDecoder.isWhiteSpace($0) })
    {
      seen.isDecided = true
      seen.isArmored = first == UInt8(ascii: "-")
    }
    return count
  }
}
