import Age

/// What the fuzzer invented, as numbers.
struct FuzzInput {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  /// A number below a limit, of as many bytes as that has.
  mutating func number(below limit: Int) -> Int {
    var number = 0
    var range = 1
    while range < limit {
      number = number << 8 | Int(rest.popFirst() ?? 0)
      range <<= 8
    }
    return number % limit
  }
}

/// A source that gives at most a few bytes at a time.
struct TrickleSource: ByteSource {
  private var source: BytesSource
  private let step: Int

  init(_ bytes: [UInt8], step: Int) {
    source = BytesSource(bytes)
    self.step = step
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(step, buffer.count)])
    return unsafe try source.read(into: part)
  }
}
