import Age

/// A line with a public key, as files of OpenSSH have it: what comes before and after the key is passed over.
///
/// `.pub` files begin with the type; `authorized_keys` may have options before it, in which double quotes keep spaces
/// together; `known_hosts` and `ssh-keyscan` have host names before it.
package struct SSHPublicKeyLine {
  /// The type, one that is known by name.
  package let type: String
  /// The key in SSH's wire format.
  package let blob: [UInt8]

  /// Reads a line.
  ///
  /// - Throws: `SSHKeyError` with the code `.malformed`.
  package init(_ line: String) throws(SSHKeyError) {
    var rest = Array(line.utf8)[...]
    var word = try Self.takeWord(&rest)
    if !SSHKeyType.isKnown(word) { word = try Self.takeWord(&rest) }
    guard SSHKeyType.isKnown(word) else {
      throw SSHKeyError(.malformed, "no type of an SSH key stands first or behind options")
    }
    type = word
    guard let blob = Base64.decode(Array(try Self.takeWord(&rest).utf8).span, padded: true) else {
      throw SSHKeyError(.malformed, "the key after \(word) is not canonical base64")
    }
    self.blob = blob
    var reader = WireReader()
    guard try reader.text(blob.span) == type else {
      throw SSHKeyError(.malformed, "the key after \(word) is of another type")
    }
  }

  /// Takes the next word; white space between double quotes, where `\"` stands for one, ends none.
  private static func takeWord(_ rest: inout ArraySlice<UInt8>) throws(SSHKeyError) -> String {
    rest = rest.drop(while: isBlank)
    var isQuoted = false
    var isEscaped = false
    let end = rest.firstIndex { byte in
      if isQuoted {
        if byte == UInt8(ascii: "\"") && !isEscaped { isQuoted = false }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        return false
      }
      isQuoted = byte == UInt8(ascii: "\"")
      return isBlank(byte)
    }
    guard !isQuoted else {
      throw SSHKeyError(.malformed, "a double quote in the options is not closed")
    }
    let word = rest[..<(end ?? rest.endIndex)]
    rest = rest[word.endIndex...]
    return String(decoding: word, as: UTF8.self)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte
  }
}
