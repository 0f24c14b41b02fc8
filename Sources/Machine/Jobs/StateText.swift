extension String {
  /// The text on one line of at most `limit` characters: what would move a cursor, hide or turn text around is gone,
  /// and what is cut off shows as an ellipsis.
  package func cleaned(limit: Int) -> String {
    var result = String.UnicodeScalarView()
    var count = 0
    // What is left out counts, too: the work is as bounded as the result.
    for scalar in unicodeScalars.prefix(limit * 4) {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator:
        if result.last == " " || result.isEmpty { continue }
        result.append(" ")
      case .format, .surrogate, .unassigned, .privateUse: continue
      default: result.append(scalar)
      }
      count += 1
      if count > limit { break }
    }
    while result.last == " " { result.removeLast() }
    guard count > limit else { return String(result) }
    return String(String(result).unicodeScalars.prefix(limit - 1)) + "…"
  }
}
