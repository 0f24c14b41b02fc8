import SecretMemory

@testable import Age

/// What parses is written as it was read, and reading it in small pieces makes no difference.
func fuzzHeader(_ bytes: [UInt8]) {
  let whole = Result { () throws(AgeError) in try EncryptedFile(reading: BytesSource(bytes)) }
  let pieces = Result { () throws(AgeError) in
    try EncryptedFile(reading: TrickleSource(bytes, step: 3))
  }
  switch (whole, pieces) {
  case (.success(let whole), .success(let pieces)):
    precondition(whole.header.encoded == pieces.header.encoded)
    if bytes.starts(with: Header.versionLine.utf8) {
      precondition(bytes.starts(with: whole.header.encoded))
    }
  case (.failure(let whole), .failure(let pieces)):
    precondition(whole == pieces)
  default: preconditionFailure("how it is read makes a difference")
  }
}

/// What decodes is encoded to a text that decodes to the same, and reading in small pieces makes no difference.
func fuzzArmor(_ bytes: [UInt8]) {
  let whole = decoded(ArmorReader(BytesSource(bytes), .required))
  let pieces = decoded(ArmorReader(TrickleSource(bytes, step: 5), .required))
  precondition(whole == pieces)
  guard let content = whole else { return }
  var text = BytesSink()
  var writer = ArmorWriter()
  do {
    try writer.write(content.span, to: &text)
    try writer.finish(to: &text)
  } catch {
    preconditionFailure("\(error)")
  }
  precondition(decoded(ArmorReader(BytesSource(text.bytes), .required)) == content)
}

private func decoded(_ source: some ByteSource) -> [UInt8]? {
  var source = source
  var bytes: [UInt8] = []
  var room = [UInt8](repeating: 0, count: 1000)
  while true {
    var span = room.mutableSpan
    let count = unsafe try? span.withUnsafeMutableBytes { unsafe try source.read(into: $0) }
    guard let count else { return nil }
    if count == 0 { return bytes }
    bytes += room[..<count]
  }
}

/// Encrypts a text of up to four chunks, damages it as the input says, and decrypts, by one thread or several: what is
/// released is a beginning of the text, and all of it if there is no error.
func fuzzStream(_ bytes: [UInt8]) {
  var input = FuzzInput(bytes)
  let division = Division(alone: input.number(below: 3), workers: 2, block: 1)
  let size = min(input.number(below: 1 << 18), 4 * Payload.chunkSize - 1)
  let clear = Array(text[..<size])
  do {
    let original = try encrypt(
      SecretBytes(copying: clear, locking: .preferred), recipients: [StreamKey.shared],
      armor: false, division: division)
    let step = 100_000 - input.number(below: 100_000)
    let (damaged, isDamaged) = damage(original, &input)
    let file = try EncryptedFile(reading: TrickleSource(damaged, step: step))
    let fileKey = try file.header.fileKey(identities: [StreamKey.shared])
    var sink = BytesSink()
    let outcome = Result { () throws(AgeError) in
      try file.decrypt(with: fileKey, to: &sink, division: division)
    }
    precondition(clear.starts(with: sink.bytes))
    switch outcome {
    case .success: precondition(!isDamaged && sink.bytes == clear)
    case .failure: precondition(isDamaged)
    }
  } catch let error as AgeError where error.code != .memory {
    // The header was damaged.
  } catch {
    preconditionFailure("\(error)")
  }
}

private let text = (0..<(4 * Payload.chunkSize)).map {
  UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8)
}

/// Changes, cuts, repeats and appends.
private func damage(_ file: [UInt8], _ input: inout FuzzInput) -> ([UInt8], isDamaged: Bool) {
  var damaged = file
  while !input.isAtEnd {
    let kind = input.number(below: 4)
    let place = input.number(below: damaged.count + 1)
    switch kind {
    case 0 where place < damaged.count: damaged[place] ^= UInt8(input.number(below: 256))
    case 1: damaged.removeSubrange(place...)
    case 2: damaged.append(UInt8(input.number(below: 256)))
    default:
      let end = min(damaged.count, place + Payload.sealedChunkSize)
      damaged.insert(contentsOf: damaged[place..<end], at: place)
    }
    if damaged.count > 2 * file.count { break }
  }
  return (damaged, damaged != file)
}

/// A key that wraps nothing: the file key is always the same.
private struct StreamKey: Recipient, Identity {
  static let shared = StreamKey()
  let name = "stream"

  func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    let body = fileKey.withSpan { span in span.indices.map { span[$0] } }
    return Wrapping([Stanza(type: "stream", arguments: [], body: body)])
  }

  func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    files.map { stanzas in
      Unwrapping(stanzas) { stanza throws(AgeError) in
        let bytes = try guarding { () throws(SecretMemoryError) in
          try SecretBytes(copying: stanza.body)
        }
        return try FileKey(bytes)
      }
    }
  }
}
