import CLibcrypto
import SecretMemory

/// The encryption of key files of old, `Proc-Type: 4,ENCRYPTED` (RFC 1421, Section 4.6.1.1), as OpenSSL writes it: the
/// key is an MD5 of password and nonce, so that guessing passwords costs next to nothing.
struct TraditionalEncryption: ~Copyable {
  /// The first bytes of the nonce are the salt, too.
  private static let saltSize = 8

  private let cipher: CBC
  private let nonce: [UInt8]
  private let bytes: SecretBytes

  /// Takes what stands in the file.
  init(headers: [String], _ bytes: consuming SecretBytes) throws(SSHKeyError) {
    let prefix = "DEK-Info: "
    guard headers.first == "Proc-Type: 4,ENCRYPTED",
      let line = headers.first(where: { $0.hasPrefix(prefix) })
    else { throw SSHKeyError(.malformed, "the key's headers are not those of an encryption") }
    let words = line.dropFirst(prefix.count).split(separator: ",", omittingEmptySubsequences: false)
    guard let cipher = CBC.all.first(where: { "\($0.name)" == words[0] }) else { throw CBC.unknown }
    guard words.count == 2, let nonce = Self.bytes(ofHexadecimal: words[1]),
      nonce.count == cipher.blockSize
    else { throw SSHKeyError(.malformed, "the key's headers have a nonce that is none") }
    guard !bytes.isEmpty, bytes.count.isMultiple(of: cipher.blockSize) else {
      throw SSHKeyError(.malformed, "the key's encrypted part has the wrong length")
    }
    self.cipher = cipher
    self.nonce = nonce
    self.bytes = bytes
  }

  private static func bytes(ofHexadecimal text: Substring) -> [UInt8]? {
    let digits = text.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) }
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0]! << 4 | digits[$0 + 1]! }
  }

  /// Decrypts the key; unless the padding tells, a wrong password gives nonsense.
  ///
  /// - Throws: `SSHKeyError` with the code `.wrongPassword` or `.memory`.
  func decrypted(_ password: borrowing SecretBytes) throws(SSHKeyError) -> SecretBytes {
    let key = try derive(password)
    return try cipher.decrypt(bytes, 0..<bytes.count, key: key, nonce: nonce)
  }

  private func derive(_ password: borrowing SecretBytes) throws(SSHKeyError) -> SecretBytes {
    let library = unsafe try openSSL()
    let hash = unsafe EVP_MD_fetch(library, "MD5", nil)
    defer { unsafe EVP_MD_free(hash) }
    let openSSLCipher = unsafe EVP_CIPHER_fetch(library, "\(cipher.name)", nil)
    defer { unsafe EVP_CIPHER_free(openSSLCipher) }
    let size = cipher.keySize
    var key = try guardingKey { () throws(SecretMemoryError) in try SecretBytes(count: size) }
    let count = unsafe password.withUnsafeBytes { password in
      unsafe key.withUnsafeMutableBytes { key in
        unsafe EVP_BytesToKey(
          openSSLCipher, hash, nonce,
          password.assumingMemoryBound(to: UInt8.self).baseAddress, Int32(password.count), 1,
          key.assumingMemoryBound(to: UInt8.self).baseAddress!, nil)
      }
    }
    guard unsafe hash != nil, count == Int32(size) else {
      ERR_clear_error()
      throw CBC.unknown
    }
    return key
  }
}
