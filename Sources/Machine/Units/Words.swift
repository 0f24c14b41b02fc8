/// A path in a setting in which systemd expands specifiers.
func escaped(_ path: String) -> String { path.replacing("%", with: "%%") }

/// A path as one word of a list in a unit (systemd.syntax(7), "Quoting").
func quoted(_ path: String) -> String {
  let needsQuotes = path.utf8.contains { byte in
    byte == 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
      || byte == UInt8(ascii: "\\")
  }
  if !needsQuotes { return escaped(path) }
  let text = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  return "\"\(escaped(text))\""
}

/// A text as one word of a command line, in which systemd also expands variables (systemd.service(5), "Command lines").
func commandWord(_ text: String) -> String { quoted(text).replacing("$", with: "$$") }

/// A path as a part of a unit's name (systemd.unit(5), "String Escaping for Inclusion in Unit Names"), as
/// `systemd-escape --path` writes it.
package func unitName(ofPath path: String) -> String {
  let parts = path.utf8.split(separator: UInt8(ascii: "/"))
    .filter { !$0.elementsEqual(".".utf8) }
  if parts.isEmpty { return "-" }
  var name = ""
  for byte in parts.joined(separator: "/".utf8) {
    switch byte {
    case UInt8(ascii: "/"): name += "-"
    case UInt8(ascii: ".") where name.isEmpty: name += "\\x2e"
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      name.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let digits = String(byte, radix: 16)
      name += "\\x\(digits.utf8.count == 1 ? "0" : "")\(digits)"
    }
  }
  return name
}

/// The unit that mounts something at a path.
func mountUnit(of path: String) -> String { "\(unitName(ofPath: path)).mount" }

/// The units that may mount what holds a file, the outermost first; most of them do not exist on any machine.
func mountUnits(above path: String) -> [String] {
  let parts = path.split(separator: "/").dropLast()
  return parts.indices.map { mountUnit(of: "/" + parts[...$0].joined(separator: "/")) }
}
