import SecretMemory

/// The ciphers that protect key files in PEM form, in the mode of operation that carries a nonce as large as a block.
struct CBC {
  /// What OpenSSL and the files of old call it.
  let name: StaticString
  /// What PKCS #8 calls it: the content of its object identifier.
  let identifier: [UInt8]
  let keySize: Int
  let blockSize: Int

  /// AES is 2.16.840.1.101.3.4.1.2, .22 and .42, triple DES 1.2.840.113549.3.7.
  static let all = [
    CBC(name: "AES-128-CBC", identifier: aes + [0x02], keySize: 16, blockSize: 16),
    CBC(name: "AES-192-CBC", identifier: aes + [0x16], keySize: 24, blockSize: 16),
    CBC(name: "AES-256-CBC", identifier: aes + [0x2a], keySize: 32, blockSize: 16),
    CBC(
      name: "DES-EDE3-CBC", identifier: [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07],
      keySize: 24, blockSize: 8),
  ]
  private static let aes: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01]

  /// Decrypts bytes and removes their padding.
  ///
  /// - Throws: `SSHKeyError` with the code `.wrongPassword` or `.memory`.
  func decrypt(
    _ sealed: borrowing SecretBytes, _ range: Range<Int>, key: borrowing SecretBytes,
    nonce: [UInt8]
  ) throws(SSHKeyError) -> SecretBytes {
    let clear = try sealed.withSpan { sealed throws(SSHKeyError) in
      try key.withSpan { key throws(SSHKeyError) in
        try OpenSSLCipher.decrypt(
          sealed.extracting(range), name, key: key, nonce: nonce.span)
      }
    }
    guard var clear else { throw .wrongPassword }
    let count = clear.withSpan { OpenSSLCipher.unpaddedCount($0, blockSize: blockSize) }
    guard let count else { throw .wrongPassword }
    clear.truncate(to: count)
    return clear
  }

  /// The error for ciphers that are not known, or too weak to be in OpenSSL.
  static var unknown: SSHKeyError {
    SSHKeyError(
      .notSupported, "the key is protected in a way that is unknown or of old",
      hint: "`ssh-keygen -p -f FILE` protects it anew")
  }
}
