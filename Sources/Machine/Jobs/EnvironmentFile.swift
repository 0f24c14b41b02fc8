/// A file of environment variables as systemd reads one for `EnvironmentFile=` (systemd.exec(5); its `env-file.c`).
///
/// It looks like a shell's file and is not: nothing is expanded, a `#` within a line is part of it, and a quoted part
/// may be followed by another.
package struct EnvironmentFile {
  private let bytes: [UInt8]
  private var position = 0
  private let commentsContinue: Bool
  private var assignments: [(name: String, value: String)] = []

  /// The most bytes that a file may have.
  package static let largest = 4 << 20

  /// Reads a file; of several values of one variable the last counts.
  ///
  /// Names that cannot be variables are left out, as systemd does.
  ///
  /// - Parameter commentsContinue: whether a backslash at the end of a comment makes the next line part of it, as it
  ///   does before systemd 254.
  /// - Throws: `JobError` if the file is not UTF-8 or has a byte 0: systemd refuses all of it.
  package static func variables(
    of bytes: [UInt8], commentsContinue: Bool
  ) throws(JobError) -> [String: String] {
    guard !bytes.contains(0) else { throw JobError(.system, "it has a byte 0") }
    var file = EnvironmentFile(bytes: bytes, commentsContinue: commentsContinue)
    try file.readLines()
    let valid = file.assignments.filter { isName($0.name) }
    return Dictionary(valid.map { ($0.name, $0.value) }) { _, last in last }
  }

  /// Whether the file means something else to systemd before and after version 254.
  package static func dependsOnVersion(_ bytes: [UInt8]) throws(JobError) -> Bool {
    try variables(of: bytes, commentsContinue: true)
      != variables(of: bytes, commentsContinue: false)
  }

  private init(bytes: [UInt8], commentsContinue: Bool) {
    self.bytes = bytes
    self.commentsContinue = commentsContinue
  }

  // ---- Productions ----

  private mutating func readLines() throws(JobError) {
    while let byte = next() {
      if byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
        skipComment()
      } else if !isBlank(byte), let name = readName(from: byte) {
        let value = readValue()
        guard let name = String(validating: name, as: UTF8.self),
          let value = String(validating: value, as: UTF8.self)
        else { throw JobError(.system, "it is not UTF-8") }
        assignments.append((name, value))
      }
    }
  }

  private mutating func skipComment() {
    while let byte = next() {
      if isLineEnd(byte) { return }
      if byte == UInt8(ascii: "\\"), let escaped = next(), isLineEnd(escaped), !commentsContinue {
        return
      }
    }
  }

  /// What stands before `=`, without blanks at its end; nil if the line has none.
  private mutating func readName(from first: UInt8) -> [UInt8]? {
    var name = [first]
    while let byte = next() {
      if byte == UInt8(ascii: "=") { return Array(name[..<name.endOfText]) }
      if isLineEnd(byte) { return nil }
      name.append(byte)
    }
    return nil
  }

  /// Quoted parts, blanks between them left out, and then plain text to the end of the line.
  private mutating func readValue() -> [UInt8] {
    var value: [UInt8] = []
    while let byte = next(), !isLineEnd(byte) {
      switch byte {
      case UInt8(ascii: "'"): readSingleQuoted(into: &value)
      case UInt8(ascii: "\""): readDoubleQuoted(into: &value)
      case _ where isBlank(byte): continue
      default:
        position -= 1
        readPlain(into: &value)
        return value
      }
    }
    return value
  }

  /// Text in which only a backslash means something; blanks at its end are cut off, if none was escaped.
  private mutating func readPlain(into value: inout [UInt8]) {
    var start = value.count
    while let byte = next(), !isLineEnd(byte) {
      if byte == UInt8(ascii: "\\") {
        if let escaped = next(), !isLineEnd(escaped) { value.append(escaped) }
        start = value.count
      } else {
        value.append(byte)
      }
    }
    value.removeSubrange(max(start, value.endOfText)...)
  }

  private mutating func readSingleQuoted(into value: inout [UInt8]) {
    while let byte = next(), byte != UInt8(ascii: "'") { value.append(byte) }
  }

  /// A backslash stands for itself, unless before a character that means something to a shell there.
  private mutating func readDoubleQuoted(into value: inout [UInt8]) {
    while let byte = next(), byte != UInt8(ascii: "\"") {
      guard byte == UInt8(ascii: "\\") else {
        value.append(byte)
        continue
      }
      guard let escaped = next() else { return }
      if "\"\\`$".utf8.contains(escaped) {
        value.append(escaped)
      } else if escaped != 0x0a {
        value += [byte, escaped]
      }
    }
  }

  private mutating func next() -> UInt8? {
    guard position < bytes.count else { return nil }
    position += 1
    return bytes[position - 1]
  }
}

private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }
private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || isLineEnd(byte) }

/// Whether systemd takes it for a variable's name.
private func isName(_ name: String) -> Bool {
  guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
  return name.utf8.allSatisfy {
    (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
      || $0 == UInt8(ascii: "_")
  }
}

extension [UInt8] {
  /// Where the blanks at the end begin.
  fileprivate var endOfText: Int { (lastIndex { !isBlank($0) } ?? -1) + 1 }
}
