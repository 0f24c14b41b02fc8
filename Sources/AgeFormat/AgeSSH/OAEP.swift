import Age
import CLibcrypto
import SecretMemory

/// An RSA key inside OpenSSL, for RSA-OAEP with SHA-256 and age's label (RFC 8017, Section 7.1).
///
/// OpenSSL's memory is wiped but not locked, so a private key should not stay here for longer than it is used.
@safe
final class OAEP: @unchecked Sendable {
  // Sendable: the key is never changed, and OpenSSL locks what it keeps beside it.
  private let key: OpaquePointer
  private let size: Int

  /// Takes a public key.
  init(_ publicKey: RSAPublicKey) throws(AgeError) {
    unsafe key = try Self.key(publicKey, nil)
    size = publicKey.size
  }

  /// Takes a private key.
  init(_ privateKey: borrowing RSAPrivateKey) throws(AgeError) {
    let publicKey = privateKey.publicKey
    unsafe key = try privateKey.numbers.withUnsafeBytes { numbers throws(AgeError) in
      unsafe try Self.key(publicKey, numbers)
    }
    size = publicKey.size
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// Makes OpenSSL's key; `secret` are the numbers of a private one.
  private static func key(
    _ publicKey: RSAPublicKey, _ secret: UnsafeRawBufferPointer?
  ) throws(AgeError) -> OpaquePointer {
    let library = unsafe try OpenSSL.context()
    let size = publicKey.size
    // The numbers little endian, as processors have them.
    let modulus = Array(publicKey.modulus.reversed())
    let exponent = Array(publicKey.exponent.reversed())
    let key = unsafe modulus.withUnsafeBytes { modulus in
      unsafe exponent.withUnsafeBytes { exponent in
        var parameters = unsafe [Parameter.number("n", modulus), Parameter.number("e", exponent)]
        if let secret = unsafe secret {
          for (index, name) in RSAPrivateKey.names.enumerated() {
            let part = unsafe UnsafeRawBufferPointer(
              rebasing: secret[(index * size)..<((index + 1) * size)])
            unsafe parameters.append(Parameter.number(name, part))
          }
        }
        return unsafe imported(library, &parameters, isPrivate: secret != nil)
      }
    }
    guard let key = unsafe key else { throw failure("take an RSA key") }
    return unsafe key
  }

  private static func imported(
    _ library: OpaquePointer, _ parameters: inout [OSSL_PARAM], isPrivate: Bool
  ) -> OpaquePointer? {
    unsafe parameters.append(OSSL_PARAM_construct_end())
    let context = unsafe EVP_PKEY_CTX_new_from_name(library, "RSA", nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    let selection = isPrivate ? selectKeyPair : selectPublicKey
    guard unsafe EVP_PKEY_fromdata_init(context) == 1,
      unsafe EVP_PKEY_fromdata(context, &key, selection, &parameters) == 1
    else { return nil }
    return unsafe key
  }

  /// Encrypts bytes, at most 190 with a key of 2048 bits, to as many as the modulus has.
  func encrypt(_ clear: Span<UInt8>) throws(AgeError) -> [UInt8] {
    let context = unsafe try self.context(EVP_PKEY_encrypt_init_ex)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var count = size
    var encrypted = [UInt8](repeating: 0, count: size)
    let isDone = unsafe clear.withUnsafeBufferPointer {
      unsafe EVP_PKEY_encrypt(context, &encrypted, &count, $0.baseAddress, $0.count) == 1
    }
    guard isDone, count == size else { throw Self.failure("encrypt with an RSA key") }
    return encrypted
  }

  /// Decrypts bytes; `nil` are bytes that were not encrypted to the key.
  func decrypt(_ encrypted: [UInt8]) throws(AgeError) -> SecretBytes? {
    guard encrypted.count == size else { return nil }
    let context = unsafe try self.context(EVP_PKEY_decrypt_init_ex)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    let size = size
    var clear = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: size) }
    var count = size
    let isOpened = unsafe clear.withUnsafeMutableBytes { clear in
      unsafe EVP_PKEY_decrypt(
        context, clear.assumingMemoryBound(to: UInt8.self).baseAddress!, &count, encrypted,
        encrypted.count) == 1
    }
    guard isOpened else {
      ERR_clear_error()
      return nil
    }
    clear.truncate(to: count)
    return clear
  }

  /// Begins an operation with the padding of age's.
  private func context(
    _ begin: (OpaquePointer?, UnsafePointer<OSSL_PARAM>?) -> Int32
  ) throws(AgeError) -> OpaquePointer {
    let library = unsafe try OpenSSL.context()
    let parameters = unsafe [
      Parameter.text("pad-mode", "oaep"), Parameter.text("digest", "SHA2-256"),
      Parameter.text("mgf1-digest", "SHA2-256"),
      Parameter.bytes("oaep-label", "age-encryption.org/v1/ssh-rsa"), OSSL_PARAM_construct_end(),
    ]
    let context = unsafe EVP_PKEY_CTX_new_from_pkey(library, key, nil)
    guard let context = unsafe context, unsafe begin(context, parameters) == 1 else {
      unsafe EVP_PKEY_CTX_free(context)
      throw Self.failure("use an RSA key")
    }
    return unsafe context
  }

  private static func failure(_ operation: String) -> AgeError {
    ERR_clear_error()
    return AgeError(.memory, "\(operation): OpenSSL refuses")
  }
}
