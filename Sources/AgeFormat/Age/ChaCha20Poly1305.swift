import CLibsodium
import SecretMemory

/// The authenticated encryption of RFC 7539: keys of 32 bytes, nonces of 12, tags of 16.
package enum ChaCha20Poly1305 {
  package static let tagSize = Int(crypto_aead_chacha20poly1305_ietf_ABYTES)
  package static let nonceSize = Int(crypto_aead_chacha20poly1305_ietf_NPUBBYTES)
  package static let zeroNonce = [UInt8](repeating: 0, count: nonceSize)

  /// Seals bytes under a key that seals nothing else.
  static func seal(
    _ clear: Span<UInt8>, key: borrowing SecretBytes, nonce: [UInt8]
  ) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: clear.count + tagSize) { buffer, count in
      unsafe clear.withUnsafeBytes { clear in
        unsafe seal(clear, key: key, nonce: nonce, into: UnsafeMutableRawBufferPointer(buffer))
      }
      count = buffer.count
    }
  }

  /// Opens what `seal` made; `clear` must have room for exactly that. A wrong tag is `false`.
  static func open(
    _ sealed: Span<UInt8>, key: borrowing SecretBytes, nonce: [UInt8],
    into clear: inout SecretBytes
  ) -> Bool {
    unsafe sealed.withUnsafeBytes { sealed in
      unsafe clear.withUnsafeMutableBytes { clear in
        unsafe open(sealed, key: key, nonce: nonce, into: clear)
      }
    }
  }

  /// Seals bytes into `sealed`, which must be 16 bytes longer.
  static func seal(
    _ clear: UnsafeRawBufferPointer, key: borrowing SecretBytes, nonce: [UInt8],
    into sealed: UnsafeMutableRawBufferPointer
  ) {
    precondition(sealed.count == clear.count + tagSize && nonce.count == nonceSize)
    unsafe key.withUnsafeBytes { key in
      _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
        sealed.assumingMemoryBound(to: UInt8.self).baseAddress!, nil,
        clear.assumingMemoryBound(to: UInt8.self).baseAddress, UInt64(clear.count),
        nil, 0, nil, nonce, key.assumingMemoryBound(to: UInt8.self).baseAddress!)
    }
  }

  /// Opens bytes into `clear`, which must be 16 bytes shorter; it is written only once the tag was found right.
  static func open(
    _ sealed: UnsafeRawBufferPointer, key: borrowing SecretBytes, nonce: [UInt8],
    into clear: UnsafeMutableRawBufferPointer
  ) -> Bool {
    precondition(sealed.count == clear.count + tagSize && nonce.count == nonceSize)
    return unsafe key.withUnsafeBytes { key in
      unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
        clear.assumingMemoryBound(to: UInt8.self).baseAddress, nil, nil,
        sealed.assumingMemoryBound(to: UInt8.self).baseAddress!, UInt64(sealed.count),
        nil, 0, nonce, key.assumingMemoryBound(to: UInt8.self).baseAddress!) == 0
    }
  }
}
