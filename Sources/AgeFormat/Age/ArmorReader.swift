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
    if case .armor = mode { return unsafe try readDecoded(into: buffer) }
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

  private mutating func readDecoded(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(AgeError) -> Int {
    var count = unsafe decoder.take(into: buffer)
    unsafe count += decodeLines(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
    if count == 0 && decoder.isInBody && raw.available.count < Base64.fullLine && !raw.isAtEnd {
      try raw.refill(from: &source)
      unsafe count += decodeLines(into: buffer)
    }
    if count > 0 { return count }
    try decodeMore()
    return unsafe decoder.take(into: buffer)
  }

  /// Decodes the full lines that were read straight to where they are wanted.
  private mutating func decodeLines(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard decoder.isEmpty && decoder.isInBody && failure == nil else { return 0 }
    let lines = unsafe Base64.decodeLines(raw.available.span, into: buffer)
    raw.skip(lines * Base64.fullLine)
    let count = lines * Base64.bytesPerLine
    // Less than a line is wanted of the next.
    guard count < buffer.count else { return count }
    raw.skip(decoder.decodeLine(raw.available))
    let part = unsafe decoder.take(
      into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
    return count + part
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
  /// Whether lines of base64 may follow.
  var isInBody: Bool { if case .body = state { true } else { false } }

  static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte
  }

  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = decoded[offset...].prefix(buffer.count)
    unsafe buffer.copyBytes(from: taken)
    offset += taken.count
    return taken.count
  }

  /// Decodes the first line of a body's text if it is a full one.
  ///
  /// - Returns: how much of the text it used.
  mutating func decodeLine(_ text: ArraySlice<UInt8>) -> Int {
    decoded.removeAll(keepingCapacity: true)
    offset = 0
    return decodeLines(text.span, most: 1)
  }

  /// Decodes the full lines that a text begins with.
  ///
  /// - Returns: how much of the text it used.
  private mutating func decodeLines(_ text: Span<UInt8>, most: Int) -> Int {
    // Room is made only where there is such a line: other texts come here for each of theirs.
    guard text.count >= Base64.fullLine, text[Base64.columns] == Base64.lineFeed else { return 0 }
    let before = decoded.count
    let most = min(most, text.count / Base64.fullLine)
    decoded.append(contentsOf: [UInt8](repeating: 0, count: most * Base64.bytesPerLine))
    let lines = unsafe decoded.withUnsafeMutableBytes { bytes in
      unsafe Base64.decodeLines(
        text, into: UnsafeMutableRawBufferPointer(rebasing: bytes[before...]))
    }
    decoded.removeSubrange((before + lines * Base64.bytesPerLine)...)
    return lines * Base64.fullLine
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
        start += decodeLines(text.extracting(start...), most: .max)
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
