import Age
import SecretMemory

/// Passphrases that nobody thought up.
enum Passphrase {
  private static let wordCount = 10

  /// Ten words at random with dashes between them: 110 bits.
  ///
  /// - Throws: `AgeError` with the code `.memory`.
  static func random() throws(AgeError) -> SecretBytes {
    do {
      let dice = try SecretBytes.random(count: 2 * wordCount)
      let words = words()
      var text = try SecretBuffer(capacity: 9 * wordCount, locking: .required)
      for word in 0..<wordCount {
        let index = dice.withSpan { Int($0[2 * word]) << 8 | Int($0[2 * word + 1]) }
        if word > 0 { try text.append([UInt8(ascii: "-")].span) }
        // 2,048 divides 65,536: every word is as likely as the others.
        try text.append(Array(words[index % words.count]).span)
      }
      return text.finish()
    } catch {
      throw AgeError(error)
    }
  }

  /// The list's words.
  static func words() -> [ArraySlice<UInt8>] {
    englishWords.withUTF8Buffer { unsafe Array($0) }.split(separator: UInt8(ascii: " "))
  }
}
