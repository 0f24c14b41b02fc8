public import SecretMemory

/// The key of one file: 16 bytes that its stanzas wrap and its header MAC and payload key derive from.
public final class FileKey: Sendable {
  /// The number of bytes of a file key.
  public static let size = 16
  /// The number of bytes of a file key sealed with ChaCha20-Poly1305.
  package static let sealedSize = size + ChaCha20Poly1305.tagSize

  package let bytes: SecretBytes

  /// Takes the bytes that a recipient type of one's own has unwrapped.
  ///
  /// - Throws: `AgeError` with the code `.header` if they are not 16.
  public init(_ bytes: consuming SecretBytes) throws(AgeError) {
    guard bytes.count == Self.size else {
      throw AgeError(.header, "file key has \(bytes.count) bytes and not \(Self.size)")
    }
    self.bytes = bytes
  }

  /// Makes a new one at random.
  public init() throws(AgeError) {
    bytes = try guarding { () throws(SecretMemoryError) in try .random(count: Self.size) }
  }

  /// Reads the bytes, for a recipient type of one's own that wraps them.
  public func withSpan<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.withSpan(body)
  }

  /// Seals the file key under a wrap key of 32 bytes that seals nothing else; the nonce is of zeroes except in HPKE.
  package func sealed(
    under wrapKey: borrowing SecretBytes, nonce: [UInt8] = ChaCha20Poly1305.zeroNonce
  ) -> [UInt8] {
    bytes.withSpan { ChaCha20Poly1305.seal($0, key: wrapKey, nonce: nonce) }
  }

  /// Opens the body of a native stanza, which must have `sealedSize` bytes; the wrong wrap key is `nil`.
  package static func opened(
    _ body: [UInt8], under wrapKey: borrowing SecretBytes,
    nonce: [UInt8] = ChaCha20Poly1305.zeroNonce
  ) throws(AgeError) -> FileKey? {
    var bytes = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: size) }
    guard ChaCha20Poly1305.open(body.span, key: wrapKey, nonce: nonce, into: &bytes) else {
      return nil
    }
    return try FileKey(bytes)
  }
}
