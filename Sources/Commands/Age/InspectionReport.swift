import Age

/// What `age-inspect` prints of a file.
struct InspectionReport {
  let name: String
  let inspection: Inspection
  /// A description of each stanza; nil where none was asked for.
  let stanzas: [StanzaMatches.Described]?

  private static let version = "age-encryption.org/v1"
  private static let classic: Set<String> = [
    "X25519", "ssh-rsa", "ssh-ed25519", "p256tag", "piv-p256",
  ]
  private static let postQuantum: Set<String> = ["mlkem768x25519", "scrypt", "mlkem768p256tag"]

  private var types: [String] { inspection.header.stanzas.map(\.type) }

  /// Whether quantum computers could not read the file: `yes`, `no` or `unknown`.
  private var withstandsQuantumComputers: String {
    if types.contains(where: Self.classic.contains) { return "no" }
    return types.contains(where: Self.postQuantum.contains) ? "yes" : "unknown"
  }

  // MARK: Text

  var text: String {
    var text = "\(name.onOneLine) is an age file, version \"\(Self.version)\".\n\n"
    if inspection.isArmored { text += "This file is ASCII-armored.\n\n" }
    text += "This file is encrypted to the following recipient types:\n"
    for type in types { text += "  - \(type.escaped)\n" }
    let quantum =
      switch withstandsQuantumComputers {
      case "yes": "This file uses post-quantum encryption."
      case "no": "This file does NOT use post-quantum encryption."
      default: "It is unknown whether this file uses post-quantum encryption."
      }
    text += "\n\(quantum)\n\n"
    if let stanzas {
      text += "Stanzas:\n\n"
      for stanza in stanzas {
        text += "    -> \(stanza.shortLine)\n"
        if let match = stanza.match { text += "       for: \(match.onOneLine)\n" }
      }
      text += "\n"
    }
    return text + sizes + "\nTip: for machine-readable output, use --json.\n"
  }

  private var sizes: String {
    let header = inspection.headerSize
    let armor = inspection.armorSize
    let total = header + armor + inspection.overhead + inspection.payload
    var text = "Size breakdown (assuming it decrypts successfully):\n\n"
    text += Self.line("Header", header)
    if inspection.isArmored { text += Self.line("Armor overhead", armor) }
    text += Self.line("Encryption overhead", inspection.overhead)
    text += Self.line("Payload", inspection.payload)
    text += "                        -------------------\n"
    return text + Self.line("Total", total)
  }

  private static func line(_ title: String, _ size: Int) -> String {
    let title = title + String(repeating: " ", count: 19 - title.count)
    let digits = String(size)
    let padding = String(repeating: " ", count: max(1, 12 - digits.count))
    return "    \(title) \(padding)\(digits) bytes\n"
  }

  // MARK: JSON

  var json: String {
    var fields = [
      ("version", Self.version.escaped),
      ("postquantum", withstandsQuantumComputers.escaped),
      ("armor", inspection.isArmored ? "true" : "false"),
      ("stanza_types", Self.array(types.map(\.escaped), indent: 1)),
      (
        "sizes",
        Self.object(
          [
            ("header", inspection.headerSize), ("armor", inspection.armorSize),
            ("overhead", inspection.overhead), ("min_payload", inspection.payload),
            ("max_payload", inspection.payload), ("min_padding", 0), ("max_padding", 0),
          ].map { ($0, String($1)) }, indent: 1)
      ),
    ]
    if let stanzas {
      let objects = stanzas.map { stanza in
        Self.object(
          [
            ("type", stanza.type.escaped),
            ("arguments", Self.array(stanza.arguments.map(\.escaped), indent: 3)),
          ] + (stanza.match.map { [("for", $0.escaped)] } ?? []), indent: 2)
      }
      fields.append(("stanzas", Self.array(objects, indent: 1)))
    }
    return Self.object(fields, indent: 0) + "\n"
  }

  private static func array(_ values: [String], indent: Int) -> String {
    values.isEmpty ? "[]" : "[" + body(values, indent) + "]"
  }

  private static func object(_ fields: [(String, String)], indent: Int) -> String {
    "{" + body(fields.map { "\"\($0)\": \($1)" }, indent) + "}"
  }

  private static func body(_ lines: [String], _ indent: Int) -> String {
    let outer = "\n" + String(repeating: "    ", count: indent)
    return outer + "    " + lines.joined(separator: ",\(outer)    ") + outer
  }
}

extension String {
  /// The text as a string of JSON, as Go writes it: without characters that HTML knows.
  fileprivate var escaped: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "<", ">", "&", ..<" ", "\u{7f}": text += "\\u00" + scalar.twoDigits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension Unicode.Scalar {
  fileprivate var twoDigits: String {
    let digits = String(value, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }
}
