import SecretMemory

/// The block cipher Blowfish with the expensive key set-up of bcrypt (Provos and Mazières, "A Future-Adaptable Password
/// Scheme", 1999).
///
/// Pointers instead of spans: whoever guesses passwords does not check bounds either. Every index into the tables is a
/// byte and so within its table.
@safe
struct Blowfish: ~Copyable {
  private static let subkeyCount = 18
  private static let wordCount = subkeyCount + 4 * 256
  /// The number of words of a key and of a salt.
  static let keyWords = 16

  /// The words that a key is set up from.
  private static let start: [UInt32] = {
    let hexadecimal = digits.withUTF8Buffer { digits in
      unsafe digits.map { UInt32($0) - ($0 < UInt8(ascii: "a") ? 0x30 : 0x57) }
    }
    return (0..<wordCount).map { word in
      hexadecimal[(word * 8)..<(word * 8 + 8)].reduce(0) { $0 << 4 | $1 }
    }
  }()

  /// The subkeys, then the tables.
  private var words: SecretBytes

  init() throws(SecretMemoryError) {
    words = try SecretBytes(count: Self.wordCount * MemoryLayout<UInt32>.size)
  }

  /// Sets the key up: with the salt once, then 2^6 times with salt and key in turn; both have 16 words.
  mutating func setUp(key: UnsafePointer<UInt32>, salt: UnsafePointer<UInt32>) {
    unsafe words.withUnsafeMutableBytes { bytes in
      let words = unsafe bytes.assumingMemoryBound(to: UInt32.self).baseAddress!
      for (index, word) in Self.start.enumerated() { unsafe words[index] = word }
      unsafe Self.expand(words, key: key, salt: salt)
      for _ in 0..<64 {
        unsafe Self.expand(words, key: salt, salt: nil)
        unsafe Self.expand(words, key: key, salt: nil)
      }
    }
  }

  /// Encrypts a pair of words over and over.
  func encrypt(_ left: inout UInt32, _ right: inout UInt32, times: Int) {
    unsafe words.withUnsafeBytes { bytes in
      let words = unsafe bytes.assumingMemoryBound(to: UInt32.self).baseAddress!
      for _ in 0..<times { unsafe Self.encrypt(words, &left, &right) }
    }
  }

  /// Mixes a key into the subkeys, and replaces every word by the encryption of those before it, to which words of the
  /// salt are added.
  private static func expand(
    _ words: UnsafeMutablePointer<UInt32>, key: UnsafePointer<UInt32>,
    salt: UnsafePointer<UInt32>?
  ) {
    for index in 0..<subkeyCount { unsafe words[index] ^= key[index % keyWords] }
    var left: UInt32 = 0
    var right: UInt32 = 0
    for index in stride(from: 0, to: wordCount, by: 2) {
      if let salt = unsafe salt {
        left ^= unsafe salt[index % keyWords]
        right ^= unsafe salt[(index + 1) % keyWords]
      }
      unsafe encrypt(words, &left, &right)
      unsafe words[index] = left
      unsafe words[index + 1] = right
    }
  }

  @inline(__always)
  private static func encrypt(
    _ words: UnsafePointer<UInt32>, _ left: inout UInt32, _ right: inout UInt32
  ) {
    var first = unsafe left ^ words[0]
    var second = right
    var index = 1
    while index < 17 {
      second ^= unsafe mixed(words, first) ^ words[index]
      first ^= unsafe mixed(words, second) ^ words[index + 1]
      index += 2
    }
    left = unsafe second ^ words[17]
    right = first
  }

  @inline(__always)
  private static func mixed(_ words: UnsafePointer<UInt32>, _ value: UInt32) -> UInt32 {
    let tables = unsafe words + subkeyCount
    let first = unsafe tables[Int(value >> 24)]
    let second = unsafe tables[256 + Int(value >> 16 & 0xff)]
    let third = unsafe tables[512 + Int(value >> 8 & 0xff)]
    let fourth = unsafe tables[768 + Int(value & 0xff)]
    return ((first &+ second) ^ third) &+ fourth
  }
}
