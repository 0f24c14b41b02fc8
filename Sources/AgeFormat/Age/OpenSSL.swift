import CLibcrypto

/// OpenSSL, started when it is first needed: starting it takes longer than opening a small file does.
package enum OpenSSL {
  /// A library context of our own with the default provider, which leaves the global one to the rest of the program.
  @safe
  private struct Library: @unchecked Sendable {
    // Sendable: OpenSSL locks within a context, which is never freed.
    let context: OpaquePointer?

    init() {
      // The configuration file, which `OPENSSL_CONF` may name, can load anything; looking for a key's engine would read
      // it even with a context of our own. Nothing is torn down at exit, where another thread may still be at work.
      OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT), nil)
      let context = unsafe OSSL_LIB_CTX_new()
      // RSA's blinding wants random numbers. The generator that is the default one would load all ciphers first.
      let isStarted =
        unsafe OSSL_PROVIDER_load(context, "default") != nil
        && RAND_set_DRBG_type(context, "HMAC-DRBG", nil, nil, "SHA2-256") == 1
      unsafe self.context = isStarted ? context : nil
    }
  }

  private static let library = Library()

  /// The context that every fetch of an algorithm and every key is to be made with.
  ///
  /// - Throws: `AgeError` with the code `.memory` if OpenSSL does not start.
  package static func context() throws(AgeError) -> OpaquePointer {
    guard let context = unsafe library.context else {
      throw AgeError(.memory, "start OpenSSL: it refuses")
    }
    return unsafe context
  }
}
