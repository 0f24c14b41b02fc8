import Glibc

/// The bytes of a string or path, in an evaluator's heap; any but zero.
@safe package struct Text: RandomAccessCollection {
  struct Storage {
    let bytes: Slots<UInt8>
    /// Whether JSON has them as they are; nil until that was looked for.
    var isPlain: Bool?
  }

  private let storage: UnsafeMutablePointer<Storage>

  @unsafe init(_ storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = unsafe storage }

  var bytes: Slots<UInt8> {
    @inline(__always) get { unsafe storage.pointee.bytes }
  }

  var isPlain: Bool? {
    get { unsafe storage.pointee.isPlain }
    nonmutating set { unsafe storage.pointee.isPlain = newValue }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { bytes.count }
  package subscript(index: Int) -> UInt8 { bytes[index] }

  package func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? { unsafe try bytes.withContiguousStorageIfAvailable(body) }

  static func == (left: Text, right: Text) -> Bool { left.bytes.equals(right.bytes) }
}

extension Text {
  /// Whether it is the text.
  func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && elementsEqual(text.description.utf8)
  }

  /// The order by bytes: negative, zero or positive.
  func compare(_ other: Text) -> Int { bytes.compare(other.bytes) }
}
