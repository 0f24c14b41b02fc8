import CLibcrypto

/// OpenSSL, started when it is first needed: starting it takes longer than opening a small file does.
package enum OpenSSL {
  /// A library context of our own with the default provider.
  ///
  /// The global one would read the configuration file that `OPENSSL_CONF` names, which may load anything, and a program
  /// that has this library in it may use that one for itself.
  @safe
  private struct Library: @unchecked Sendable {
    // Sendable: OpenSSL locks within a context, which is never freed.
    let context: OpaquePointer?

    init() {
      // Nothing is torn down at exit, where another thread may still be at work.
      OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
      let context = unsafe OSSL_LIB_CTX_new()
      let isStarted = unsafe OSSL_PROVIDER_load(context, "default") != nil
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
