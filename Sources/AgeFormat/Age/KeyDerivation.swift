import CLibsodium
package import SecretMemory

/// HKDF with SHA-256 (RFC 5869) for keys of 32 bytes; libsodium 1.0.18 has HMAC but not this.
package enum HKDF {
  /// Derives 32 bytes.
  package static func derive(
    from secret: borrowing SecretBytes, salt: [UInt8], info: String
  ) throws(AgeError) -> SecretBytes {
    let count = Int(crypto_auth_hmacsha256_BYTES)
    var extracted = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: count) }
    var expanded = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: count) }
    // RFC 5869, Section 2.2: no salt is one of zeroes.
    let salt = salt.isEmpty ? [UInt8](repeating: 0, count: count) : salt
    secret.withSpan { secret in
      unsafe extracted.withUnsafeMutableBytes { output in
        unsafe HMAC.run(key: salt.span, secret, into: output)
      }
    }
    // One block of output is all that is ever wanted, so its number is always one.
    let message = Array(info.utf8) + [1]
    extracted.withSpan { key in
      unsafe expanded.withUnsafeMutableBytes { output in
        unsafe HMAC.run(key: key, message.span, into: output)
      }
    }
    return expanded
  }
}

/// HMAC with SHA-256 (RFC 2104): 32 bytes.
enum HMAC {
  /// Authenticates a message.
  static func authenticate(_ message: [UInt8], key: borrowing SecretBytes) -> [UInt8] {
    key.withSpan { key in
      unsafe [UInt8](unsafeUninitializedCapacity: Int(crypto_auth_hmacsha256_BYTES)) {
        buffer, count in
        unsafe run(key: key, message.span, into: UnsafeMutableRawBufferPointer(buffer))
        count = buffer.count
      }
    }
  }

  /// Whether two MACs are equal, in constant time.
  static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe left.count == right.count && sodium_memcmp(left, right, left.count) == 0
  }

  /// Writes the MAC of a message, with a key that is not empty, into `output`, 32 bytes, and wipes the state.
  fileprivate static func run(
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
