import Age

/// The name of a plugin, in lower case: one or more of `a-z0-9+-._`, so that it is never a path.
package struct PluginName: Sendable, Hashable, CustomStringConvertible {
  /// The most characters of a name: what a file's name has left beside `age-plugin-`.
  private static let longest = 255 - "age-plugin-".utf8.count

  package let description: String

  /// Takes the name that is in the prefix of a Bech32 text.
  ///
  /// - Throws: `.wrongLength` or `.wrongCharacter`.
  init(_ text: Substring) throws(Bech32.Failure) {
    guard 1...Self.longest ~= text.utf8.count else { throw .wrongLength }
    guard text.utf8.allSatisfy(Self.isAllowed) else { throw .wrongCharacter }
    description = String(text)
  }

  /// The name of the plugin's program.
  package var program: String { "age-plugin-\(self)" }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
