/// Text as Nix writes it.
enum NixText {
  private static let keywords: Set<String> = [
    "assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with",
  ]

  /// A string in double quotes.
  static func string(_ text: String) -> String {
    "\"\(content(text))\""
  }

  /// What stands between double quotes.
  static func content(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\", "$": result += "\\\(scalar)"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A name in an attribute path, in quotes where it must be.
  static func attribute(_ name: String) -> String {
    isIdentifier(name) ? name : string(name)
  }

  static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, isLetter(first) else { return false }
    return !keywords.contains(name) && name.utf8.allSatisfy(isOfIdentifier)
  }

  /// The nearest that a variable can be called; `fallback` where nothing is left of the name.
  static func identifier(_ name: String, fallback: String) -> String {
    let replaced = String(
      decoding: name.utf8.map {
        isOfIdentifier($0) && $0 != UInt8(ascii: "'") ? $0 : UInt8(ascii: "-")
      },
      as: UTF8.self)
    let result = String(replaced.drop { !isLetter($0.utf8.first!) })
    if isIdentifier(result) { return result }
    return result.isEmpty ? fallback : result + "_"
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
      || byte == UInt8(ascii: "_")
  }

  private static func isOfIdentifier(_ byte: UInt8) -> Bool {
    isLetter(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "'")
  }
}
