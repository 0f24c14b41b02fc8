import CLibsodium
package import SecretMemory

/// The function X25519 (RFC 7748, Section 5): scalars and points of 32 bytes.
package enum Curve25519 {
  package static let size = Int(crypto_scalarmult_curve25519_BYTES)

  /// Multiplies the base point.
  package static func publicKey(of scalar: borrowing SecretBytes) -> [UInt8] {
    precondition(scalar.count == size)
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      unsafe scalar.withUnsafeBytes { scalar in
        _ = unsafe crypto_scalarmult_curve25519_base(
          buffer.baseAddress!, scalar.assumingMemoryBound(to: UInt8.self).baseAddress!)
      }
      count = size
    }
  }

  /// Multiplies a point; a point of low order, which would give the same result for every scalar, is `nil`.
  package static func multiply(
    _ scalar: borrowing SecretBytes, _ point: Span<UInt8>
  ) throws(AgeError) -> SecretBytes? {
    try scalar.withSpan { scalar throws(AgeError) in try multiply(scalar, point) }
  }

  /// Multiplies a point by a scalar that need not be secret.
  package static func multiply(
    _ scalar: Span<UInt8>, _ point: Span<UInt8>
  ) throws(AgeError) -> SecretBytes? {
    precondition(scalar.count == size && point.count == size)
    var product = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: size) }
    let status = unsafe scalar.withUnsafeBufferPointer { scalar in
      unsafe point.withUnsafeBufferPointer { point in
        unsafe product.withUnsafeMutableBytes { product in
          unsafe crypto_scalarmult_curve25519(
            product.assumingMemoryBound(to: UInt8.self).baseAddress!, scalar.baseAddress!,
            point.baseAddress!)
        }
      }
    }
    guard status == 0 else { return nil }
    return product
  }
}
