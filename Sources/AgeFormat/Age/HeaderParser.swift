/// Reads a header, one method for each production of its grammar (Section "ABNF definition of file header").
struct HeaderParser<Source: ByteSource> {
  private var source: Source
  private var buffer = ReadBuffer()
  /// Everything that was read so far, line feeds included.
  private var text: [UInt8] = []
  /// Where the current line, without its line feed, lies in `text`.
  private var line = 0..<0

  init(_ source: Source) {
    self.source = source
  }

  /// `header = v1-line 1*stanza end`
  mutating func header() throws(AgeError) -> Header {
    try versionLine()
    var stanzas: [Stanza] = []
    try nextLine()
    while hasPrefix("->") {
      stanzas.append(try stanza())
      try nextLine()
    }
    let mac = try end()
    guard !stanzas.isEmpty else { throw malformed("it has no stanza") }
    guard stanzas.count == 1 || stanzas.allSatisfy({ $0.type != Stanza.scryptType }) else {
      throw malformed("it has a scrypt stanza that is not alone")
    }
    return Header(
      stanzas: stanzas, mac: mac, covered: Array(text[..<(line.lowerBound + "---".utf8.count)]))
  }

  /// What follows the header: the bytes that were read ahead, then the source.
  consuming func payload() -> PayloadSource<Source> {
    PayloadSource(source, buffer)
  }

  /// `v1-line = %s"age-encryption.org/v1" LF`
  private mutating func versionLine() throws(AgeError) {
    let prefix = Array(Header.versionPrefix.utf8)
    while buffer.available.count < prefix.count && !buffer.isAtEnd {
      try buffer.refill(from: &source)
    }
    if buffer.available.isEmpty { throw malformed("the file is empty") }
    guard buffer.available.starts(with: prefix) else {
      throw AgeError(.header, "read the header: this is not an age file")
    }
    try nextLine()
    guard text.elementsEqual(Header.versionLine.utf8) else {
      throw malformed("its version is not v1")
    }
  }

  /// `stanza = arg-line *full-line final-line`
  private mutating func stanza() throws(AgeError) -> Stanza {
    let arguments = try argumentLine()
    var body: [UInt8] = []
    repeat {
      try nextLine()
      guard line.count <= Base64.columns,
        Base64.decode(text.span.extracting(line), padded: false, to: &body)
      else { throw malformed("a stanza has a body that is not canonical base64 in 64 columns") }
    } while line.count == Base64.columns
    return Stanza(type: arguments[0], arguments: Array(arguments.dropFirst()), body: body)
  }

  private func argumentLine() throws(AgeError) -> [String] {
    guard hasPrefix("-> ") else { throw malformed("a stanza does not begin with \"-> \"") }
    guard let arguments = Stanza.arguments(ofLine: text.span.extracting(line)) else {
      throw malformed(
        "a stanza has an argument that is empty or has a character that is not visible")
    }
    return arguments
  }

  /// `end = "--- " 43base64char LF`
  private func end() throws(AgeError) -> [UInt8] {
    guard hasPrefix("--- ") else {
      throw malformed("a line begins neither with \"-> \" nor with \"--- \"")
    }
    guard let mac = Base64.decode(text.span.extracting((line.lowerBound + 4)..<line.upperBound)),
      mac.count == Header.macSize
    else { throw malformed("its MAC is not 32 bytes in canonical base64") }
    return mac
  }

  /// Moves `line` on to the next line.
  private mutating func nextLine() throws(AgeError) {
    let start = text.count
    while true {
      if let end = buffer.available.firstIndex(of: Base64.lineFeed) {
        try take(upTo: end + 1)
        line = start..<(text.count - 1)
        return
      }
      try take(upTo: buffer.available.endIndex)
      if buffer.isAtEnd { throw malformed("it ends too early") }
      try buffer.refill(from: &source)
    }
  }

  private mutating func take(upTo end: Int) throws(AgeError) {
    let taken = buffer.available[..<end]
    guard text.count + taken.count <= Header.limit else {
      throw malformed("it is over the limit of \(Header.limit >> 20) MiB")
    }
    text += taken
    buffer.skip(taken.count)
  }

  private func hasPrefix(_ prefix: String) -> Bool {
    text[line].starts(with: prefix.utf8)
  }

  private func malformed(_ what: String) -> AgeError {
    AgeError(.header, "read the header: \(what)")
  }
}

/// What follows a header.
struct PayloadSource<Source: ByteSource>: ByteSource {
  private var source: Source
  private var buffer: ReadBuffer

  init(_ source: Source, _ buffer: ReadBuffer) {
    self.source = source
    self.buffer = buffer
  }

  mutating func read(into output: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let count = unsafe buffer.take(into: output)
    return unsafe count > 0 || buffer.isAtEnd ? count : try source.read(into: output)
  }
}

extension PayloadSource: Sendable where Source: Sendable {}
