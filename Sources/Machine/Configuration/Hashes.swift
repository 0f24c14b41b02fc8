import CLibcrypto
import CLibsodium
package import NixExpression

extension HashAlgorithm {
  /// The hash of bytes: SHA-2 by libsodium, which needs no start; what is older by OpenSSL.
  package func hash(_ bytes: [UInt8]) throws(NixError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: byteCount)
    let succeeded =
      switch self {
      case .md5: unsafe Self.digest(EVP_md5(), bytes, &result)
      case .sha1: unsafe Self.digest(EVP_sha1(), bytes, &result)
      case .sha256:
        unsafe crypto_hash_sha256(&result, bytes, UInt64(bytes.count)) == 0
      case .sha512:
        unsafe crypto_hash_sha512(&result, bytes, UInt64(bytes.count)) == 0
      }
    guard succeeded else {
      throw NixError(
        .unavailable("\(self) hashes"), "\(self) hashes: OpenSSL does not have them here")
    }
    return result
  }

  private static func digest(
    _ algorithm: OpaquePointer?, _ bytes: [UInt8], _ result: inout [UInt8]
  ) -> Bool {
    // Without the configuration file, which `OPENSSL_CONF` may name and which can load anything.
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT), nil)
    return unsafe EVP_Digest(bytes, bytes.count, &result, nil, algorithm, nil) == 1
  }
}
