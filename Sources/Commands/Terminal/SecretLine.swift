import Age
import CSystemCalls
import SecretMemory

/// A line as it is typed: bytes of a terminal go in, the answer comes out.
///
/// What a terminal sends around a paste, and for keys that have no character, is left out. In a paste, the end of a
/// line ends nothing.
struct SecretLine: ~Copyable {
  /// What a byte did.
  enum Event: Equatable {
    case nothing
    case added
    /// So many characters are gone.
    case erased(Int)
    case finished
    /// Nobody wants to answer.
    case cancelled
  }

  /// The longest answer, in bytes.
  static let limit = 1 << 20
  private static let escape: UInt8 = 0x1b

  private enum State: Equatable {
    case text
    case escape
    /// After `ESC [`, with the bytes since.
    case sequence([UInt8])
    /// After `ESC O`.
    case key
  }

  private let keys: adage_terminal_keys
  private var line: SecretBuffer
  private var state = State.text
  private var isPasting = false

  init(_ keys: adage_terminal_keys) throws(AgeError) {
    self.keys = keys
    do { line = try SecretBuffer(capacity: 64, locking: .required) } catch { throw AgeError(error) }
  }

  /// Takes the next byte.
  ///
  /// - Throws: `AgeError` with the code `.memory`, or `.cancelled` if the line is too long.
  mutating func take(_ byte: UInt8) throws(AgeError) -> Event {
    switch state {
    case .text: return try takeText(byte)
    case .escape:
      switch byte {
      case UInt8(ascii: "["): state = .sequence([])
      case UInt8(ascii: "O"): state = .key
      default: state = .text
      }
    case .key: state = .text
    case .sequence(let bytes):
      if 0x40...0x7e ~= byte {
        if byte == UInt8(ascii: "~") { isPasting = try pasting(bytes) }
        state = .text
      } else {
        state = .sequence(bytes.count < 16 ? bytes + [byte] : bytes)
      }
    }
    return .nothing
  }

  /// Whether a paste is under way after the sequence `ESC [ … ~`.
  private func pasting(_ bytes: [UInt8]) throws(AgeError) -> Bool {
    if bytes.elementsEqual("200".utf8) { return true }
    return bytes.elementsEqual("201".utf8) ? false : isPasting
  }

  private mutating func takeText(_ byte: UInt8) throws(AgeError) -> Event {
    switch byte {
    case Self.escape:
      state = .escape
      return .nothing
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
      return isPasting ? .nothing : .finished
    case 0:
      // Keys that are not set are 0.
      return try add(byte)
    case keys.end: return line.isEmpty ? .cancelled : .finished
    case keys.erase, 0x08, 0x7f: return erase(while: { _ in false })
    case keys.kill: return .erased(truncate(to: 0))
    case keys.erase_word: return eraseWord()
    default: return try add(byte)
    }
  }

  private mutating func add(_ byte: UInt8) throws(AgeError) -> Event {
    guard line.count < Self.limit else {
      throw AgeError(.cancelled, "read the answer: it is over the limit of \(Self.limit >> 20) MiB")
    }
    let bytes = [byte]
    do { try line.append(bytes.span) } catch { throw AgeError(error) }
    return .added
  }

  /// Takes the last character away, and those before it for which `more` is true.
  private mutating func erase(while more: (UInt8) -> Bool) -> Event {
    guard !line.isEmpty else { return .nothing }
    let start = line.withSpan { bytes in
      var start = Self.lastCharacter(of: bytes, before: bytes.count)
      while start > 0 && more(bytes[start - 1]) {
        start = Self.lastCharacter(of: bytes, before: start)
      }
      return start
    }
    return .erased(truncate(to: start))
  }

  private mutating func eraseWord() -> Event {
    let isAfterBlank = line.withSpan { $0.count > 0 && $0[$0.count - 1] == UInt8(ascii: " ") }
    let blanks = isAfterBlank ? erase(while: { $0 == UInt8(ascii: " ") }) : .nothing
    let word = erase(while: { $0 != UInt8(ascii: " ") })
    switch (blanks, word) {
    case (.erased(let first), .erased(let second)): return .erased(first + second)
    default: return word == .nothing ? blanks : word
    }
  }

  /// Where the character begins that ends before `end`: bytes of UTF-8 after its first begin with the bits 10.
  private static func lastCharacter(of bytes: Span<UInt8>, before end: Int) -> Int {
    var start = end - 1
    while start > 0 && bytes[start] & 0xc0 == 0x80 { start -= 1 }
    return start
  }

  /// - Returns: how many characters went.
  private mutating func truncate(to count: Int) -> Int {
    let characters = line.withSpan { bytes in
      (count..<bytes.count).count { bytes[$0] & 0xc0 != 0x80 }
    }
    line.truncate(to: count)
    return characters
  }

  /// The answer.
  consuming func finish() -> SecretBytes { line.finish() }
}
