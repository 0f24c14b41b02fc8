import CLibsodium
import SecretMemory

/// OpenBSD's `bcrypt_pbkdf`: a password-based key derivation like PBKDF2, with a hash made of bcrypt and SHA-512.
struct BcryptPBKDF: ~Copyable {
  /// What is encrypted for each hash: 32 bytes.
  private static let text = Array("OxychromaticBlowfishSwatDynamite".utf8)
  private static let textSize = 32

  private var cipher: Blowfish
  /// The SHA-512 of the password, in words.
  private var key: SecretBytes
  /// The SHA-512 of the salt or of the hash before, in words.
  private var salt: SecretBytes
  private var hash: SecretBytes

  /// Derives `count` bytes from a password and a salt, neither of them empty.
  ///
  /// Each round costs 129 set-ups of a Blowfish key for every 32 bytes.
  static func derive(
    _ password: borrowing SecretBytes, salt: [UInt8], rounds: Int, count: Int
  ) throws(SecretMemoryError) -> SecretBytes {
    var function = try BcryptPBKDF(password)
    var output = try SecretBytes(count: count)
    let blocks = (count + textSize - 1) / textSize
    for block in 0..<blocks {
      let number = unsafe withUnsafeBytes(of: UInt32(block + 1).bigEndian) { unsafe Array($0) }
      Self.digest((salt + number).span, into: &function.salt)
      for round in 0..<rounds {
        if round > 0 {
          function.hash.withSpan { hash in Self.digest(hash, into: &function.salt) }
        }
        function.run()
        // The blocks lie among each other, so that no part of the output takes less than all of the work.
        function.hash.withSpan { hash in
          unsafe output.withUnsafeMutableBytes { output in
            for (byte, place) in stride(from: block, to: count, by: blocks).enumerated() {
              unsafe output[place] ^= hash[byte]
            }
          }
        }
      }
    }
    return output
  }

  private init(_ password: borrowing SecretBytes) throws(SecretMemoryError) {
    let cipher = try Blowfish()
    var key = try SecretBytes(count: Int(crypto_hash_sha512_BYTES))
    let salt = try SecretBytes(count: Int(crypto_hash_sha512_BYTES))
    let hash = try SecretBytes(count: Self.textSize)
    password.withSpan { password in Self.digest(password, into: &key) }
    self.cipher = cipher
    self.key = key
    self.salt = salt
    self.hash = hash
  }

  /// Hashes bytes with SHA-512, and makes the hash's 16 big-endian words ones of this machine.
  private static func digest(_ bytes: Span<UInt8>, into words: inout SecretBytes) {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe words.withUnsafeMutableBytes { output in
        _ = unsafe crypto_hash_sha512(
          output.assumingMemoryBound(to: UInt8.self).baseAddress!, bytes.baseAddress!,
          UInt64(bytes.count))
        let words = unsafe output.assumingMemoryBound(to: UInt32.self)
        for index in words.indices { unsafe words[index] = UInt32(bigEndian: words[index]) }
      }
    }
  }

  /// bcrypt: encrypts the text 64 times; the words of the result are little endian.
  private mutating func run() {
    unsafe key.withUnsafeBytes { key in
      unsafe salt.withUnsafeBytes { salt in
        unsafe cipher.setUp(
          key: key.assumingMemoryBound(to: UInt32.self).baseAddress!,
          salt: salt.assumingMemoryBound(to: UInt32.self).baseAddress!)
      }
    }
    unsafe Self.text.withUnsafeBytes { text in
      unsafe hash.withUnsafeMutableBytes { hash in
        for start in stride(from: 0, to: Self.textSize, by: 8) {
          var left = unsafe UInt32(
            bigEndian: text.loadUnaligned(fromByteOffset: start, as: UInt32.self))
          var right = unsafe UInt32(
            bigEndian: text.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
          cipher.encrypt(&left, &right, times: 64)
          unsafe hash.storeBytes(of: left.littleEndian, toByteOffset: start, as: UInt32.self)
          unsafe hash.storeBytes(of: right.littleEndian, toByteOffset: start + 4, as: UInt32.self)
        }
      }
    }
  }
}
