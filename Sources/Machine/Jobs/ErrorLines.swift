/// What a program writes to standard error, line by line: to be shown as it comes, and to say later in one line why
/// the program failed.
struct ErrorLines {
  /// Texts that nobody is to read in the journal, such as the place of a repository which a file keeps secret.
  private let hidden: [String]
  private var line: [UInt8] = []
  private var last: String?
  private var fatal: String?
  private var hidesNext = false

  /// What restic says of a lock, before it explains that.
  static let locked = "repository is already locked"

  /// The most bytes of a line; what is longer counts as several.
  static let longest = 4096

  init(hiding hidden: [String] = []) {
    self.hidden = hidden.filter { !$0.isEmpty }
  }

  /// Takes what was written next.
  ///
  /// - Returns: the lines that ended with it, their line feeds included.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var shown: [UInt8] = []
    for byte in bytes {
      if byte == 0x0a || line.count == Self.longest { shown += end() }
      if byte != 0x0a { line.append(byte) }
    }
    return shown
  }

  /// The line that nothing ended.
  mutating func finish() -> [UInt8] { line.isEmpty ? [] : end() }

  /// What the program said last of all, or last as the end of it.
  var reason: String? { fatal ?? last }

  private mutating func end() -> [UInt8] {
    defer { line.removeAll(keepingCapacity: true) }
    var text = String(decoding: line, as: UTF8.self)
    if hidesNext { text = "(not shown)" }
    // restic shows the place of the repository on the line after this.
    hidesNext = !hidden.isEmpty && text.hasPrefix("Is there a repository at")
    for secret in hidden { text = text.replacing(secret, with: "(not shown)") }
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if !words.isEmpty { last = String(words.prefix(500)) }
    if words.hasPrefix("Fatal: ") {
      fatal = String(words.dropFirst(7).prefix(500))
    } else if words.contains(Self.locked) {
      fatal = String(words.prefix(500))
    }
    return Array(text.utf8) + [0x0a]
  }
}
