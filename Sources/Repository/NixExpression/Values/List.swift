/// A list; `builtins.tail` shares its elements.
@safe package struct List {
  private let storage: UnsafeMutablePointer<Slots<Value>>

  @unsafe init(_ storage: UnsafeMutablePointer<Slots<Value>>) {
    unsafe self.storage = unsafe storage
  }

  var elements: Slots<Value> {
    @inline(__always) get { unsafe storage.pointee }
  }

  var count: Int { elements.count }
  subscript(index: Int) -> Value { elements[index] }

  func append(to result: inout ContiguousArray<Value>) { elements.append(to: &result) }

  /// What tells it from every other list.
  var identity: UInt { UInt(bitPattern: unsafe storage) }

  static func === (left: List, right: List) -> Bool { unsafe left.storage == right.storage }
}
