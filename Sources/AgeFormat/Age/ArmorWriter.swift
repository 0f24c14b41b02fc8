/// Puts a file into armor (Section "ASCII armor") as it is written.
struct ArmorWriter: ~Copyable {
  private var text: [UInt8] = ArmorDecoder.beginLine + [Base64.lineFeed]
  /// Fewer bytes than a line holds, which wait for more.
  private var rest: [UInt8] = []

  /// Writes the lines that bytes fill.
  mutating func write<Sink: ByteSink & ~Copyable>(
    _ bytes: Span<UInt8>, to sink: inout Sink
  ) throws(AgeError) {
    let missing = min(Base64.bytesPerLine - rest.count, bytes.count)
    rest.append(copying: bytes.extracting(..<missing))
    guard rest.count == Base64.bytesPerLine else { return }
    putRest()
    let end = bytes.count - (bytes.count - missing) % Base64.bytesPerLine
    Base64.encodeLines(bytes.extracting(missing..<end), to: &text)
    rest.append(copying: bytes.extracting(end...))
    try flush(to: &sink)
  }

  /// Writes the last line and the one that ends the armor.
  mutating func finish<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
    if !rest.isEmpty { putRest() }
    text += ArmorDecoder.endLine
    text.append(Base64.lineFeed)
    try flush(to: &sink)
  }

  /// Puts what waits into a line.
  private mutating func putRest() {
    let line = rest
    Base64.encode(line.span, padded: true, to: &text)
    text.append(Base64.lineFeed)
    rest.removeAll(keepingCapacity: true)
  }

  private mutating func flush<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
    try sink.write(text.span)
    text.removeAll(keepingCapacity: true)
  }
}
