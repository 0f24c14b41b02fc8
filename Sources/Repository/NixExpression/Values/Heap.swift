/// Something that holds values.
///
/// Recursive sets and fixpoints make cycles that reference counting never frees, and chains so long that freeing
/// them recursively would overflow a stack. So an evaluator holds all of its objects in one linked list until its
/// end, when each is made to drop what it refers to: nothing leaks, and no release nests.
package class HeapObject {
  fileprivate final var next: HeapObject?

  /// Drops every reference to another object.
  func dismantle() {}
}

/// The objects of one evaluator, and how much was allocated for them.
struct Heap {
  private var newest: HeapObject?
  private(set) var bytes = 0

  mutating func adopt<Object: HeapObject>(_ object: Object, bytes: Int) -> Object {
    object.next = newest
    newest = object
    self.bytes &+= bytes
    return object
  }

  /// Counts bytes that belong to no object of its own, such as a string's.
  mutating func charge(_ bytes: Int) { self.bytes &+= bytes }

  mutating func dismantle() {
    while let object = newest {
      newest = object.next
      object.next = nil
      object.dismantle()
    }
  }
}

/// An expression that is evaluated when first needed.
package final class Thunk: HeapObject {
  enum State: UInt8 {
    case suspended
    /// Being evaluated: whoever needs it now is part of a cycle.
    case blackholed
    case evaluated
  }

  var state = State.suspended
  var expression: Expression?
  var environment: Environment?
  /// Meaningful once evaluated.
  var value = Value.null

  init(_ expression: Expression, in environment: Environment) {
    self.expression = expression
    self.environment = environment
  }

  override func dismantle() {
    expression = nil
    environment = nil
    value = .null
  }
}

/// The variables of one scope: a function's arguments, the names of a `let` or `rec`, or the set of a `with`.
package final class Environment: HeapObject {
  private(set) var parent: Environment?
  /// The first slot is apart, because most functions have one argument and then need no array.
  private var first: Value
  private var rest: ContiguousArray<Value>

  init(in parent: Environment?, first: Value = .null) {
    self.parent = parent
    self.first = first
    rest = []
  }

  init(in parent: Environment?, slots: Int) {
    self.parent = parent
    first = .null
    rest = slots > 1 ? ContiguousArray(repeating: .null, count: slots - 1) : []
  }

  subscript(slot: Int) -> Value {
    get { slot == 0 ? first : rest[slot - 1] }
    set { if slot == 0 { first = newValue } else { rest[slot - 1] = newValue } }
  }

  /// The environment `levels` further out.
  func enclosing(_ levels: Int) -> Environment {
    var environment = self
    for _ in 0..<levels {
      guard let parent = environment.parent else { break }
      environment = parent
    }
    return environment
  }

  override func dismantle() {
    parent = nil
    first = .null
    rest = []
  }
}

/// A list; `builtins.tail` shares its elements.
package final class List: HeapObject {
  private var storage: ContiguousArray<Value>
  private let start: Int

  init(_ elements: ContiguousArray<Value>) {
    storage = elements
    start = 0
  }

  init(tailOf list: List) {
    storage = list.storage
    start = list.start + 1
  }

  var count: Int { storage.count - start }
  subscript(index: Int) -> Value { storage[start + index] }
  var elements: ArraySlice<Value> { ArraySlice(storage[start...]) }

  func append(to result: inout ContiguousArray<Value>) {
    result.append(contentsOf: storage[start...])
  }

  override func dismantle() { storage = [] }
}
