/// The names on the way to a value, as `--attr` and option names are written: `a.b."c d".e`.
package struct AttributePath: Sendable, Equatable {
  package let names: [String]

  /// Takes a path apart; nil if quotes are open, or text follows them.
  package init?(_ text: String) {
    var names: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      if rest.first == "\"" {
        guard let end = rest.dropFirst().firstIndex(of: "\"") else { return nil }
        names.append(String(rest[rest.index(after: rest.startIndex)..<end]))
        rest = rest[rest.index(after: end)...]
        guard rest.isEmpty || rest.first == "." else { return nil }
      } else {
        let name = rest.prefix { $0 != "." && $0 != "\"" }
        guard !name.isEmpty else { return nil }
        names.append(String(name))
        rest = rest[name.endIndex...]
      }
      guard rest.first == "." else { continue }
      rest = rest.dropFirst()
      if rest.isEmpty { return nil }
    }
    guard rest.isEmpty else { return nil }
    self.names = names
  }
}
