/// A place in any source of one evaluator: an offset into all of them laid end to end; 0 is nowhere.
struct Position: Equatable {
  let offset: UInt32

  static let none = Position(offset: 0)
}

/// A source that was read, kept for the places in it.
struct Source {
  let name: String
  let bytes: [UInt8]
  /// The position of its first byte.
  let base: UInt32
  let isFile: Bool
}

/// All sources of an evaluator, to turn a position into file, line and column.
final class SourceMap {
  private var sources: [Source] = []
  /// For each source, the offsets at which its lines begin; made when a place in it is first asked for.
  private var lineStarts: [ContiguousArray<Int>] = []
  private var end: UInt32 = 1

  /// Takes a source in; fails when all of them together pass 4 GiB.
  func add(name: String, bytes: [UInt8], isFile: Bool) throws(NixError) -> Source {
    guard bytes.count < Int(UInt32.max - end) else {
      throw NixError(.limit, "reading '\(name)': all sources together are larger than 4 GiB")
    }
    let source = Source(name: name, bytes: bytes, base: end, isFile: isFile)
    sources.append(source)
    lineStarts.append([])
    // One beyond the last byte is a place too: the end of the file.
    end += UInt32(bytes.count) + 1
    return source
  }

  private func index(of position: Position) -> Int? {
    guard position != .none else { return nil }
    let after = Self.upperBound(sources.count) { sources[$0].base > position.offset }
    return after == 0 ? nil : after - 1
  }

  func source(at position: Position) -> Source? { index(of: position).map { sources[$0] } }

  func place(_ position: Position) -> NixError.Place? {
    guard let index = index(of: position) else { return nil }
    if lineStarts[index].isEmpty { lineStarts[index] = Self.lines(of: sources[index].bytes) }
    let offset = Int(position.offset - sources[index].base)
    let starts = lineStarts[index]
    let line = Self.upperBound(starts.count) { starts[$0] > offset }
    return NixError.Place(
      file: sources[index].name, line: line, column: offset - starts[line - 1] + 1)
  }

  /// As Nix counts: a lone CR ends a line too, and CR LF is one end.
  private static func lines(of bytes: [UInt8]) -> ContiguousArray<Int> {
    var starts: ContiguousArray = [0]
    for (index, byte) in bytes.enumerated() {
      let isEnd =
        byte == UInt8(ascii: "\n")
        || (byte == UInt8(ascii: "\r")
          && !(index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")))
      if isEnd { starts.append(index + 1) }
    }
    return starts
  }

  /// The first index from which on the predicate holds.
  private static func upperBound(_ count: Int, _ isBeyond: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBeyond(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
