import Glibc
internal import SystemFiles
internal import SystemPackage

/// A line of what restic backs up: a pattern as `--files-from` reads it, which is Go's `filepath.Match` in each name of
/// a path, with blanks around it and lines that begin with `#` left out.
struct PathPattern {
  /// The line for restic: that which was meant, if a file has all of it as its name.
  let line: String
  private let text: String
  private let isLiteral: Bool

  init(_ line: String) {
    isLiteral = exists(line)
    text = isLiteral ? line : line.trimmingBlanks
    self.line = isLiteral ? Self.escaped(line) : line
  }

  /// Whether restic leaves the line out.
  var isComment: Bool { text.isEmpty || !isLiteral && text.hasPrefix("#") }

  /// Whether there is anything that restic would back up for it.
  var matchesSomething: Bool {
    if isLiteral { return true }
    if !Self.isPattern(text) { return exists(text) }
    let isAbsolute = text.hasPrefix("/")
    let names = text.split(separator: "/").map(String.init)
    return Self.matches(names[...], below: isAbsolute ? "/" : ".")
  }

  private static func isPattern(_ text: String) -> Bool {
    text.unicodeScalars.contains { special.contains($0) }
  }

  private static let special: Set<Unicode.Scalar> = ["*", "?", "[", "\\"]

  /// A path as the pattern that matches it alone.
  private static func escaped(_ path: String) -> String {
    let scalars = Array(path.unicodeScalars)
    var result = ""
    for (index, scalar) in scalars.enumerated() {
      let isOutermost = index == 0 || index == scalars.count - 1
      if special.contains(scalar) {
        result += "\\\(scalar)"
      } else if isOutermost && scalar.properties.isWhitespace || index == 0 && scalar == "#" {
        // Which would be cut off, or make a comment.
        result += "[\(scalar)]"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func matches(_ names: ArraySlice<String>, below directory: FilePath) -> Bool {
    guard let name = names.first else { return exists(directory.string) }
    let rest = names.dropFirst()
    if !isPattern(name) { return matches(rest, below: directory.appending(name)) }
    guard let opened = try? DirectoryDescriptor(opening: directory),
      let entries = try? opened.entries()
    else { return false }
    return entries.contains { entry in
      var matcher = NameMatcher(pattern: name, name: entry.string)
      return matcher.matches() && matches(rest, below: directory.appending(entry))
    }
  }
}

/// Whether a name matches a pattern; one method for each production of Go's `path.Match`.
private struct NameMatcher {
  private let pattern: [Unicode.Scalar]
  private let name: [Unicode.Scalar]

  init(pattern: String, name: String) {
    self.pattern = Array(pattern.unicodeScalars)
    self.name = Array(name.unicodeScalars)
  }

  mutating func matches() -> Bool {
    var place = 0
    var position = 0
    // Where to go on after the last star, which takes one more each time.
    var star: (place: Int, position: Int)?
    while true {
      if place < pattern.count, pattern[place] == "*" {
        star = (place + 1, position)
        place += 1
        continue
      }
      if place == pattern.count && position == name.count { return true }
      if position < name.count, let next = one(at: place, name[position]) {
        place = next
        position += 1
        continue
      }
      guard let last = star, last.position < name.count else { return false }
      star = (last.place, last.position + 1)
      (place, position) = (last.place, last.position + 1)
    }
  }

  /// Where the pattern goes on if what is at a place in it matches one scalar.
  private func one(at place: Int, _ scalar: Unicode.Scalar) -> Int? {
    guard place < pattern.count else { return nil }
    switch pattern[place] {
    case "?": return place + 1
    case "[": return set(at: place + 1, scalar)
    case "\\":
      guard place + 1 < pattern.count, pattern[place + 1] == scalar else { return nil }
      return place + 2
    default: return pattern[place] == scalar ? place + 1 : nil
    }
  }

  /// `[` has been read: `^`, then ranges up to `]`.
  private func set(at start: Int, _ scalar: Unicode.Scalar) -> Int? {
    var place = start
    let isNegated = place < pattern.count && pattern[place] == "^"
    if isNegated { place += 1 }
    var isIn = false
    var count = 0
    while place < pattern.count {
      if pattern[place] == "]", count > 0 { return isIn != isNegated ? place + 1 : nil }
      guard let low = bound(&place) else { return nil }
      var high = low
      if place < pattern.count, pattern[place] == "-" {
        place += 1
        guard let bound = bound(&place) else { return nil }
        high = bound
      }
      if low <= scalar && scalar <= high { isIn = true }
      count += 1
    }
    return nil
  }

  private func bound(_ place: inout Int) -> Unicode.Scalar? {
    if place < pattern.count, pattern[place] == "\\" { place += 1 }
    guard place < pattern.count else { return nil }
    place += 1
    return pattern[place - 1]
  }
}

/// Whether something has a path, be it only a link that leads nowhere.
private func exists(_ path: String) -> Bool {
  !path.isEmpty && (try? FileStatus(FilePath(path), followingLinks: false)) != nil
}

extension String {
  fileprivate var trimmingBlanks: String {
    let isBlank = { (character: Character) in character.isWhitespace }
    guard let first = firstIndex(where: { !isBlank($0) }),
      let last = lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(self[first...last])
  }
}
