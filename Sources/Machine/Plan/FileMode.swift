/// A file's permissions as the `chmod` command takes them.
package enum FileMode {
  /// What a symbolic mode such as `g+r` starts from: agenix creates a secret with this mode and
  /// then runs chmod.
  package static let base: UInt32 = 0o400

  /// What chmod's umask takes away where a clause names nobody (`+w`).
  static let umask: UInt32 = 0o022

  /// The twelve bits that the text means for a file of mode `base`.
  package static func parse(
    _ text: String, base: UInt32 = FileMode.base
  ) throws(PlanError) -> UInt32 {
    var parser = Parser(rest: Array(text.utf8)[...], mode: base)
    guard let mode = parser.mode(of: text) else {
      throw PlanError(
        .mode, "mode \(quoted(text)) is neither octal (0400) nor symbolic (u=rw,g=r)")
    }
    return mode
  }
}

/// Which of the twelve bits the letters mean.
private enum Bits {
  static let all: UInt32 = 0o7777
  static let read: UInt32 = 0o444
  static let write: UInt32 = 0o222
  static let execute: UInt32 = 0o111

  static func of(who letter: UInt8) -> UInt32? {
    switch letter {
    case UInt8(ascii: "u"): 0o4700
    case UInt8(ascii: "g"): 0o2070
    case UInt8(ascii: "o"): 0o1007
    case UInt8(ascii: "a"): all
    default: nil
    }
  }
}

private struct Parser {
  var rest: ArraySlice<UInt8>
  var mode: UInt32

  /// `octal`, or clauses with commas between them.
  mutating func mode(of text: String) -> UInt32? {
    if let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(first) {
      guard let octal = octal(), rest.isEmpty else { return nil }
      return octal
    }
    repeat {
      guard clause() else { return nil }
    } while accept(",")
    return rest.isEmpty ? mode : nil
  }

  /// `[ugoa]*` and one or more actions.
  private mutating func clause() -> Bool {
    var affected: UInt32 = 0
    while let letter = rest.first, let bits = Bits.of(who: letter) {
      affected |= bits
      rest.removeFirst()
    }
    guard action(affected) else { return false }
    while let next = rest.first, next != UInt8(ascii: ",") {
      guard action(affected) else { return false }
    }
    return true
  }

  /// `+`, `-` or `=` and what is added, removed or set.
  private mutating func action(_ affected: UInt32) -> Bool {
    guard let sign = rest.popFirst(), "+-=".utf8.contains(sign) else { return false }
    if affected == 0, let first = rest.first, (0x30...0x37).contains(first) {
      guard let octal = octal() else { return false }
      apply(sign, octal, affected: Bits.all)
    } else {
      let value = permissions()
      apply(sign, value & (affected == 0 ? ~FileMode.umask : affected), affected: affected)
    }
    return true
  }

  private mutating func apply(_ sign: UInt8, _ value: UInt32, affected: UInt32) {
    switch sign {
    case UInt8(ascii: "+"): mode |= value
    case UInt8(ascii: "-"): mode &= ~value
    default: mode = (affected == 0 ? 0 : mode & ~affected) | value & Bits.all
    }
  }

  /// One of `ugo`, whose permissions are copied, or any of `rwxXst`.
  private mutating func permissions() -> UInt32 {
    if let letter = rest.first, letter != UInt8(ascii: "a"), let bits = Bits.of(who: letter) {
      rest.removeFirst()
      let copied = mode & bits
      return [Bits.read, Bits.write, Bits.execute].reduce(0) {
        copied & $1 & 0o777 != 0 ? $0 | $1 : $0
      }
    }
    var value: UInt32 = 0
    while let letter = rest.first, let bits = bits(of: letter) {
      value |= bits
      rest.removeFirst()
    }
    return value
  }

  private func bits(of letter: UInt8) -> UInt32? {
    switch letter {
    case UInt8(ascii: "r"): Bits.read
    case UInt8(ascii: "w"): Bits.write
    case UInt8(ascii: "x"): Bits.execute
    case UInt8(ascii: "X"): mode & Bits.execute != 0 ? Bits.execute : 0
    case UInt8(ascii: "s"): 0o6000
    case UInt8(ascii: "t"): 0o1000
    default: nil
    }
  }

  /// Octal digits, at most 7777.
  private mutating func octal() -> UInt32? {
    var value: UInt32 = 0
    while let digit = rest.first, (0x30...0x37).contains(digit) {
      value = value * 8 + UInt32(digit - 0x30)
      if value > Bits.all { return nil }
      rest.removeFirst()
    }
    return value
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }
}
