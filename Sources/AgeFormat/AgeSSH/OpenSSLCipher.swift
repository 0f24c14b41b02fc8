import Age
import CLibcrypto
import SecretMemory

/// The ciphers that protect key files, from OpenSSL.
enum OpenSSLCipher {
  /// Decrypts whole blocks, whose padding stays; `nil` is a wrong tag.
  static func decrypt(
    _ sealed: Span<UInt8>, _ name: StaticString, key: Span<UInt8>, nonce: Span<UInt8>,
    tag: Span<UInt8> = Span()
  ) throws(SSHKeyError) -> SecretBytes? {
    let library = unsafe try openSSL()
    var clear = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(count: sealed.count)
    }
    let context = unsafe EVP_CIPHER_CTX_new()
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    let cipher = name.withUTF8Buffer { name in
      unsafe EVP_CIPHER_fetch(
        library, UnsafeRawPointer(name.baseAddress!).assumingMemoryBound(to: CChar.self), nil)
    }
    defer { unsafe EVP_CIPHER_free(cipher) }
    let isBegun = unsafe key.withUnsafeBufferPointer { key in
      unsafe nonce.withUnsafeBufferPointer { nonce in
        unsafe EVP_CIPHER_get_key_length(cipher) == Int32(key.count)
          && EVP_CIPHER_get_iv_length(cipher) == Int32(nonce.count)
          && EVP_DecryptInit_ex2(context, cipher, key.baseAddress, nonce.baseAddress, nil) == 1
          && EVP_CIPHER_CTX_set_padding(context, 0) == 1
      }
    }
    guard isBegun else {
      ERR_clear_error()
      throw SSHKeyError(.notSupported, "the key is protected with a cipher that OpenSSL refuses")
    }
    let isOpened = unsafe sealed.withUnsafeBufferPointer { sealed in
      unsafe tag.withUnsafeBufferPointer { tag in
        unsafe clear.withUnsafeMutableBytes { clear in
          unsafe finish(
            context, sealed, tag, into: clear.assumingMemoryBound(to: UInt8.self).baseAddress!)
        }
      }
    }
    guard isOpened else {
      ERR_clear_error()
      return nil
    }
    return clear
  }

  private static func finish(
    _ context: OpaquePointer?, _ sealed: UnsafeBufferPointer<UInt8>,
    _ tag: UnsafeBufferPointer<UInt8>, into clear: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    var count: Int32 = 0
    if !tag.isEmpty {
      let tagPointer = unsafe UnsafeMutableRawPointer(mutating: tag.baseAddress)
      guard
        unsafe EVP_CIPHER_CTX_ctrl(
          context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), tagPointer) == 1
      else { return false }
    }
    return unsafe EVP_DecryptUpdate(
      context, clear, &count, sealed.baseAddress, Int32(sealed.count)) == 1
      && EVP_DecryptFinal_ex(context, clear + Int(count), &count) == 1
  }

  /// Removes PKCS #7's padding (RFC 5652, Section 6.3), in a time that does not tell what is wrong with it.
  ///
  /// - Returns: the number of bytes before it; `nil` if it is wrong.
  static func unpaddedCount(_ clear: Span<UInt8>, blockSize: Int) -> Int? {
    guard !clear.isEmpty, clear.count.isMultiple(of: blockSize) else { return nil }
    let padding = Int(clear[clear.count - 1])
    var isWrong = ((padding - 1) | (blockSize - padding)) & Int.min
    for distance in 1...blockSize {
      let isInside = (distance - padding - 1) >> (Int.bitWidth - 1)
      isWrong |= isInside & (Int(clear[clear.count - distance]) ^ padding)
    }
    return isWrong == 0 ? clear.count - padding : nil
  }
}

/// OpenSSL's context, with its error as this module's.
func openSSL() throws(SSHKeyError) -> OpaquePointer {
  do { return unsafe try OpenSSL.context() } catch { throw SSHKeyError(.memory, error.reason) }
}
