import CLibsodium
package import SecretMemory

/// HKDF with SHA-256 (RFC 5869) for keys of 32 bytes; libsodium 1.0.18 has HMAC but not this.
package enum HKDF {
  /// Derives 32 bytes.
  package static func derive(
    from secret: borrowing SecretBytes, salt: [UInt8], info: String
  ) throws(AgeError) -> SecretBytes {
    // RFC 5869, Section 2.2: no salt is one of zeroes.
    let salt = salt.isEmpty ? [UInt8](repeating: 0, count: HMAC.size) : salt
    let extracted = try secret.withSpan { secret throws(AgeError) in
      try HMAC.secret(of: secret, key: salt.span)
    }
    // One block of output is all that is ever wanted, so its number is always one.
    let message = Array(info.utf8) + [1]
    return try extracted.withSpan { key throws(AgeError) in
      try HMAC.secret(of: message.span, key: key)
    }
  }
}

/// HMAC with SHA-256 (RFC 2104): 32 bytes.
package enum HMAC {
  package static let size = Int(crypto_auth_hmacsha256_BYTES)

  /// Authenticates a message.
  static func authenticate(_ message: [UInt8], key: borrowing SecretBytes) -> [UInt8] {
    key.withSpan { key in
      unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        unsafe run(key: key, message.span, into: UnsafeMutableRawBufferPointer(buffer))
        count = size
      }
    }
  }

  /// Derives a secret of 32 bytes: the MAC of a message, with a key that is not empty; either may be the secret.
  package static func secret(
    of message: Span<UInt8>, key: Span<UInt8>
  ) throws(AgeError) -> SecretBytes {
    var secret = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: size) }
    unsafe secret.withUnsafeMutableBytes { unsafe run(key: key, message, into: $0) }
    return secret
  }

  /// Whether two MACs are equal, in constant time.
  static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe left.count == right.count && sodium_memcmp(left, right, left.count) == 0
  }

  /// Writes the MAC of a message, with a key that is not empty, into `output`, 32 bytes, and wipes the state.
  private static func run(
    key: Span<UInt8>, _ message: Span<UInt8>, into output: UnsafeMutableRawBufferPointer
  ) {
    var state = crypto_auth_hmacsha256_state()
    unsafe key.withUnsafeBufferPointer {
      _ = unsafe crypto_auth_hmacsha256_init(&state, $0.baseAddress!, $0.count)
    }
    unsafe message.withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return }
      _ = unsafe crypto_auth_hmacsha256_update(&state, base, UInt64($0.count))
    }
    _ = unsafe crypto_auth_hmacsha256_final(
      &state, output.assumingMemoryBound(to: UInt8.self).baseAddress!)
    unsafe sodium_memzero(&state, MemoryLayout.size(ofValue: state))
  }
}
