/// Puts a file into armor (Section "ASCII armor") as it is written.
struct ArmorWriter: ~Copyable {
  /// Room for text, of which the first `count` characters wait to be written.
  private var text: [UInt8] = ArmorDecoder.beginLine + [Base64.lineFeed]
  private var count = ArmorDecoder.beginLine.count + 1
  /// Fewer bytes than a line holds, which wait for more.
  private var rest: [UInt8] = []

  /// The most that armor around `count` bytes takes, half a line of which may wait to be written.
  static func size(_ count: Int) -> Int {
    let lines = count / Base64.bytesPerLine + 2
    return lines * Base64.fullLine + ArmorDecoder.beginLine.count + ArmorDecoder.endLine.count + 2
  }

  /// Writes the lines that bytes fill.
  mutating func write<Sink: ByteSink & ~Copyable>(
    _ bytes: Span<UInt8>, to sink: inout Sink
  ) throws(AgeError) {
    let missing = min(Base64.bytesPerLine - rest.count, bytes.count)
    rest.append(copying: bytes.extracting(..<missing))
    guard rest.count == Base64.bytesPerLine else { return }
    let end = bytes.count - (bytes.count - missing) % Base64.bytesPerLine
    let line = rest
    put(lines: line.span)
    put(lines: bytes.extracting(missing..<end))
    rest.removeAll(keepingCapacity: true)
    rest.append(copying: bytes.extracting(end...))
    try flush(to: &sink)
  }

  /// Writes the last line and the one that ends the armor.
  mutating func finish<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
    var ending = Base64.encode(rest.span, padded: true)
    if !rest.isEmpty { ending.append(Base64.lineFeed) }
    ending += ArmorDecoder.endLine + [Base64.lineFeed]
    text.replaceSubrange(count..., with: ending)
    count = text.count
    try flush(to: &sink)
  }

  private mutating func put(lines bytes: Span<UInt8>) {
    let end = count + bytes.count / Base64.bytesPerLine * Base64.fullLine
    if end > text.count { text.append(contentsOf: [UInt8](repeating: 0, count: end - text.count)) }
    let start = count
    unsafe text.withUnsafeMutableBytes { text in
      unsafe Base64.encodeLines(
        bytes, into: UnsafeMutableRawBufferPointer(rebasing: text[start..<end]))
    }
    count = end
  }

  private mutating func flush<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
    let waiting = count
    count = 0
    try sink.write(text.span.extracting(..<waiting))
  }
}
