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
