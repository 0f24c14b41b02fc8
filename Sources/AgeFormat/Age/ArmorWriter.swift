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
    var start = missing
    while bytes.count - start >= Base64.bytesPerLine {
      Self.putLine(bytes.extracting(start..<(start + Base64.bytesPerLine)), &text)
      start += Base64.bytesPerLine
    }
    rest.removeAll(keepingCapacity: true)
    rest.append(copying: bytes.extracting(start...))
    try flush(to: &sink)
  }

  /// Writes the last line and the one that ends the armor.
  mutating func finish<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
    if !rest.isEmpty { putRest() }
    text += ArmorDecoder.endLine
    text.append(Base64.lineFeed)
    try flush(to: &sink)
  }

  private mutating func putRest() {
    let line = rest
    Self.putLine(line.span, &text)
  }

  private static func putLine(_ bytes: Span<UInt8>, _ text: inout [UInt8]) {
    Base64.encode(bytes, padded: true, to: &text)
    text.append(Base64.lineFeed)
  }

  private mutating func flush<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
    try sink.write(text.span)
    text.removeAll(keepingCapacity: true)
  }
}
