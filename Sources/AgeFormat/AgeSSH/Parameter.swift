import CLibcrypto

/// Arguments for OpenSSL's algorithms, by name; it only reads what they point to.
enum Parameter {
  /// A natural number, little endian.
  static func number(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> OSSL_PARAM {
    unsafe OSSL_PARAM_construct_BN(
      key(name),
      UnsafeMutablePointer(mutating: value.assumingMemoryBound(to: UInt8.self).baseAddress!),
      value.count)
  }

  static func text(_ name: StaticString, _ value: StaticString) -> OSSL_PARAM {
    unsafe OSSL_PARAM_construct_utf8_string(
      key(name), UnsafeMutablePointer(mutating: key(value)), value.utf8CodeUnitCount)
  }

  static func bytes(_ name: StaticString, _ value: StaticString) -> OSSL_PARAM {
    unsafe bytes(
      name, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
  }

  static func bytes(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> OSSL_PARAM {
    unsafe OSSL_PARAM_construct_octet_string(
      key(name), UnsafeMutableRawPointer(mutating: value.baseAddress), value.count)
  }

  /// The characters of a string that lives as long as the program.
  private static func key(_ name: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
