/// Whether a file is in armor.
public enum ArmorExpectation: Sendable, Hashable {
  /// Look: what begins, after white space, with a dash is armor.
  case detect
  /// It must be.
  case required
}

/// Reads a file as its binary form, taking off the armor (Section "ASCII armor") where there is one.
struct ArmorReader<Source: ByteSource>: ByteSource {
  private enum Mode: Sendable {
    case undecided(ArmorExpectation)
    case binary
    case armor
  }

  private var source: Source
  private var raw = ReadBuffer()
  private var mode: Mode
  private var decoder = ArmorDecoder()
  /// What went wrong after the bytes that `decoder` still holds.
  private var failure: AgeError?

  init(_ source: Source, _ expectation: ArmorExpectation) {
    self.source = source
    mode = .undecided(expectation)
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    if case .undecided(let expectation) = mode { mode = try decide(expectation) }
    if case .armor = mode {
      try decodeMore()
      return unsafe decoder.take(into: buffer)
    }
    let count = unsafe raw.take(into: buffer)
    return unsafe count > 0 || raw.isAtEnd ? count : try source.read(into: buffer)
  }

  private mutating func decide(_ expectation: ArmorExpectation) throws(AgeError) -> Mode {
    if expectation == .required { return .armor }
    while true {
      // However much was read at once, only so much white space is looked past.
      let beginning = raw.available.prefix(ArmorDecoder.whiteSpaceLimit + 1)
      if let first = beginning.first(where: { !ArmorDecoder.isWhiteSpace($0) }) {
        return first == UInt8(ascii: "-") ? .armor : .binary
      }
      if raw.isAtEnd || beginning.count > ArmorDecoder.whiteSpaceLimit { return .binary }
      try raw.refill(from: &source)
    }
  }

  /// Decodes until there is something to take, or the end was reached.
  private mutating func decodeMore() throws(AgeError) {
    if decoder.isEmpty, let failure { throw failure }
    while decoder.isEmpty && !decoder.isAtEnd {
      do {
        raw.skip(try decoder.decode(raw.available, isLast: raw.isAtEnd))
        if decoder.isEmpty && !decoder.isAtEnd { try raw.refill(from: &source) }
      } catch {
        if decoder.isEmpty { throw error }
        failure = error
      }
    }
  }
}

extension ArmorReader: Sendable where Source: Sendable {}

/// Decodes the lines of strict PEM.
struct ArmorDecoder: Sendable {
  static let beginLine = Array("-----BEGIN AGE ENCRYPTED FILE-----".utf8)
  static let endLine = Array("-----END AGE ENCRYPTED FILE-----".utf8)
  /// How much white space is allowed before the armor, and how much after it, in bytes.
  static let whiteSpaceLimit = 1024

  private enum State {
    case beforeBegin
    case body
    case endExpected
    case afterEnd
    case atEnd
  }

  private var state = State.beforeBegin
  private var whiteSpace = 0
  private var decoded: [UInt8] = []
  private var offset = 0

  var isEmpty: Bool { offset == decoded.count }
  var isAtEnd: Bool { if case .atEnd = state { true } else { false } }

  static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte
  }

  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = decoded[offset...].prefix(buffer.count)
    unsafe buffer.copyBytes(from: taken)
    offset += taken.count
    return taken.count
  }

  /// Decodes the whole lines of `text`, and what follows them if it is the last.
  ///
  /// - Returns: how much of the text it used.
  mutating func decode(_ text: ArraySlice<UInt8>, isLast: Bool) throws(AgeError) -> Int {
    decoded.removeAll(keepingCapacity: true)
    offset = 0
    let text = text.span
    var start = 0
    while start < text.count {
      if case .body = state {
        let lines = Base64.decodeLines(text.extracting(start...), to: &decoded)
        start += lines * (Base64.columns + 1)
      }
      let rest = text.extracting(start...)
      guard let end = rest.indices.first(where: { rest[$0] == Base64.lineFeed }) else {
        if isLast { try take(line: rest, ending: 0) } else { try requireShort(rest) }
        break
      }
      try take(line: rest.extracting(..<end), ending: 1)
      start += end + 1
    }
    if isLast { try end() }
    return isLast ? text.count : start
  }

  private mutating func take(line: Span<UInt8>, ending: Int) throws(AgeError) {
    let hasReturn = line.count > 0 && line[line.count - 1] == UInt8(ascii: "\r")
    let content = hasReturn ? line.extracting(..<(line.count - 1)) : line
    switch state {
    case .beforeBegin:
      if content.isEqual(to: Self.beginLine) {
        state = .body
        whiteSpace = 0
      } else {
        try skipWhiteSpace(line, ending, "before it")
      }
    case .body:
      if content.isEqual(to: Self.endLine) { state = .afterEnd } else { try decode(line: content) }
    case .endExpected:
      guard content.isEqual(to: Self.endLine) else {
        throw AgeError(.armor, "read the armor: a short line is not followed by the END line")
      }
      state = .afterEnd
    case .afterEnd, .atEnd:
      try skipWhiteSpace(line, ending, "after it")
    }
  }

  private mutating func decode(line: Span<UInt8>) throws(AgeError) {
    guard 1...Base64.columns ~= line.count else {
      throw AgeError(.armor, "read the armor: a line is empty or longer than 64 columns")
    }
    let before = decoded.count
    guard Base64.decode(line, padded: true, to: &decoded) else {
      decoded.removeSubrange(before...)
      throw AgeError(.armor, "read the armor: a line is not canonical base64")
    }
    if decoded.count - before < Base64.bytesPerLine { state = .endExpected }
  }

  private mutating func skipWhiteSpace(
    _ line: Span<UInt8>, _ ending: Int, _ place: String
  ) throws(AgeError) {
    guard line.indices.allSatisfy({ Self.isWhiteSpace(line[$0]) }) else {
      throw AgeError(.armor, "read the armor: there is something else \(place)")
    }
    whiteSpace += line.count + ending
    guard whiteSpace <= Self.whiteSpaceLimit else {
      throw AgeError(
        .armor, "read the armor: over \(Self.whiteSpaceLimit) bytes of white space \(place)")
    }
  }

  /// No line that is allowed is longer than the white space around the armor may be.
  private func requireShort(_ line: Span<UInt8>) throws(AgeError) {
    guard line.count <= Self.whiteSpaceLimit else {
      throw AgeError(.armor, "read the armor: a line is too long")
    }
  }

  private mutating func end() throws(AgeError) {
    guard case .afterEnd = state else {
      let line = if case .beforeBegin = state { "BEGIN" } else { "END" }
      throw AgeError(.armor, "read the armor: there is no \(line) line")
    }
    state = .atEnd
  }
}

extension Span<UInt8> {
  /// Whether the bytes are those of an array; not in constant time.
  func isEqual(to bytes: [UInt8]) -> Bool {
    count == bytes.count && indices.allSatisfy { self[$0] == bytes[$0] }
  }
}
