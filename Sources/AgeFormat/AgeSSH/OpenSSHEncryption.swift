import CLibsodium
import SecretMemory

/// How a private key file of OpenSSH's is encrypted: a cipher, whose key and nonce bcrypt derives from a password.
struct OpenSSHEncryption {
  struct Cipher {
    let name: String
    /// What OpenSSL calls it, which has all but one.
    let openSSLName: StaticString?
    let keySize: Int
    var nonceSize = 0
    let blockSize: Int
    /// The size of the tag behind the cipher text.
    var tagSize = 0

    /// What encrypts nothing, and pads all the same.
    static let none = Cipher(name: "none", openSSLName: nil, keySize: 0, blockSize: 8)

    /// What `ssh-keygen -Z` writes.
    static let all = [
      Cipher(
        name: "aes256-ctr", openSSLName: "AES-256-CTR", keySize: 32, nonceSize: 16, blockSize: 16),
      Cipher(
        name: "aes192-ctr", openSSLName: "AES-192-CTR", keySize: 24, nonceSize: 16, blockSize: 16),
      Cipher(
        name: "aes128-ctr", openSSLName: "AES-128-CTR", keySize: 16, nonceSize: 16, blockSize: 16),
      Cipher(
        name: "aes256-cbc", openSSLName: "AES-256-CBC", keySize: 32, nonceSize: 16, blockSize: 16),
      Cipher(
        name: "aes192-cbc", openSSLName: "AES-192-CBC", keySize: 24, nonceSize: 16, blockSize: 16),
      Cipher(
        name: "aes128-cbc", openSSLName: "AES-128-CBC", keySize: 16, nonceSize: 16, blockSize: 16),
      Cipher(
        name: "3des-cbc", openSSLName: "DES-EDE3-CBC", keySize: 24, nonceSize: 8, blockSize: 8),
      Cipher(
        name: "aes256-gcm@openssh.com", openSSLName: "AES-256-GCM", keySize: 32, nonceSize: 12,
        blockSize: 16, tagSize: 16),
      Cipher(
        name: "aes128-gcm@openssh.com", openSSLName: "AES-128-GCM", keySize: 16, nonceSize: 12,
        blockSize: 16, tagSize: 16),
      Cipher(
        name: "chacha20-poly1305@openssh.com", openSSLName: nil, keySize: 64, blockSize: 8,
        tagSize: 16),
    ]
  }

  /// The most rounds: as long as a minute or two. `ssh-keygen` makes 16 to 24 unless told otherwise.
  static let mostRounds = 1 << 13

  let cipher: Cipher
  private let salt: [UInt8]
  private let rounds: Int

  /// Takes what stands in the file; the options are a salt and a number of rounds.
  init(cipher: String, derivation: String, options: Span<UInt8>) throws(SSHKeyError) {
    guard cipher != Cipher.none.name else {
      guard derivation == "none", options.isEmpty else {
        throw SSHKeyError(.malformed, "the key is not encrypted and yet has a key derivation")
      }
      self.cipher = .none
      salt = []
      rounds = 0
      return
    }
    guard let cipher = Cipher.all.first(where: { $0.name == cipher }), derivation == "bcrypt" else {
      throw SSHKeyError(
        .notSupported, "the key is protected in a way that is unknown",
        hint: "`ssh-keygen -p -f FILE` protects it anew")
    }
    self.cipher = cipher
    var reader = WireReader()
    salt = options.extracting(try reader.string(options)).copied
    rounds = try reader.number(options)
    try reader.requireEnd(options)
    guard !salt.isEmpty, rounds > 0 else {
      throw SSHKeyError(.malformed, "the key has a derivation without salt or rounds")
    }
    guard rounds <= Self.mostRounds else {
      throw SSHKeyError(
        .notSupported,
        "the key's derivation has \(rounds) rounds, over the limit of \(Self.mostRounds)",
        hint: "`ssh-keygen -p -a 100 -f FILE` protects it anew")
    }
  }

  var isProtected: Bool { cipher.name != Cipher.none.name }

  /// Decrypts the private part.
  ///
  /// - Throws: `SSHKeyError` with the code `.wrongPassword` (for ciphers without a tag the clear text must tell) or
  ///   `.memory`.
  func decrypt(
    _ sealed: Span<UInt8>, tag: Span<UInt8>, password: borrowing SecretBytes
  ) throws(SSHKeyError) -> SecretBytes {
    guard !password.isEmpty else { throw .wrongPassword }
    let derived = try guardingKey { () throws(SecretMemoryError) in
      try BcryptPBKDF.derive(
        password, salt: salt, rounds: rounds, count: cipher.keySize + cipher.nonceSize)
    }
    let clear = try derived.withSpan { derived throws(SSHKeyError) in
      guard let name = cipher.openSSLName else { return try chaCha20(sealed, tag, derived) }
      return try OpenSSLCipher.decrypt(
        sealed, name, key: derived.extracting(..<cipher.keySize),
        nonce: derived.extracting(cipher.keySize...), tag: tag)
    }
    guard let clear else { throw .wrongPassword }
    return clear
  }

  /// OpenSSH's ChaCha20-Poly1305 (its PROTOCOL.chacha20poly1305), with the first half of the key and a nonce of zeroes:
  /// the first block of the key stream is Poly1305's key, the next ones encrypt.
  private func chaCha20(
    _ sealed: Span<UInt8>, _ tag: Span<UInt8>, _ key: Span<UInt8>
  ) throws(SSHKeyError) -> SecretBytes? {
    let nonce = [UInt8](repeating: 0, count: Int(crypto_stream_chacha20_NONCEBYTES))
    let sealed = sealed.copied
    let tag = tag.copied
    var clear = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(count: sealed.count)
    }
    var macKey = try guardingKey { () throws(SecretMemoryError) in
      try SecretBytes(count: Int(crypto_onetimeauth_KEYBYTES))
    }
    let isRight = unsafe key.withUnsafeBufferPointer { key in
      let isRight = unsafe macKey.withUnsafeMutableBytes { macKey in
        let macKey = unsafe macKey.assumingMemoryBound(to: UInt8.self)
        _ = unsafe crypto_stream_chacha20(
          macKey.baseAddress!, UInt64(macKey.count), nonce, key.baseAddress!)
        return unsafe crypto_onetimeauth_verify(
          tag, sealed, UInt64(sealed.count), macKey.baseAddress!) == 0
      }
      guard isRight else { return false }
      unsafe clear.withUnsafeMutableBytes { clear in
        _ = unsafe crypto_stream_chacha20_xor_ic(
          clear.assumingMemoryBound(to: UInt8.self).baseAddress!, sealed, UInt64(sealed.count),
          nonce, 1, key.baseAddress!)
      }
      return true
    }
    if !isRight { return nil }
    return clear
  }
}
