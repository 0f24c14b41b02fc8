/// An expression that is evaluated when first needed.
@safe package struct Thunk {
  enum State {
    case suspended(Code, Environment)
    case call(SuspendedCall)
    /// Being evaluated: whoever needs it now is part of a cycle.
    case blackholed
    case evaluated(Value)
  }

  private let storage: UnsafeMutablePointer<State>

  @unsafe init(_ storage: UnsafeMutablePointer<State>) { unsafe self.storage = unsafe storage }

  var state: State {
    @inline(__always) get { unsafe storage.pointee }
    @inline(__always) nonmutating set { unsafe storage.pointee = newValue }
  }

  /// What it stands for; nil as long as that is not known.
  var value: Value? {
    if case .evaluated(let value) = state { value } else { nil }
  }

  static func === (left: Thunk, right: Thunk) -> Bool { unsafe left.storage == right.storage }
}

/// The call of a function that is a value already, as builtins such as `map` suspend it.
struct SuspendedCall {
  /// The function and then its arguments.
  let values: Slots<Value>
  let position: Position
}

/// The variables of one scope: a function's arguments, the names of a `let` or `rec`, or the set of a `with`.
@safe package struct Environment {
  struct Storage {
    let parent: Environment?
    let slots: Slots<Value>
  }

  private let storage: UnsafeMutablePointer<Storage>

  @unsafe init(_ storage: UnsafeMutablePointer<Storage>) { unsafe self.storage = unsafe storage }

  var slots: Slots<Value> {
    @inline(__always) get { unsafe storage.pointee.slots }
  }

  subscript(slot: Int) -> Value {
    @inline(__always) get { slots[slot] }
    @inline(__always) nonmutating set { slots[slot] = newValue }
  }

  /// The environment `levels` further out.
  @inline(__always)
  func enclosing(_ levels: Int) -> Environment {
    var environment = self
    for _ in 0..<levels {
      guard let parent = unsafe environment.storage.pointee.parent else { break }
      environment = parent
    }
    return environment
  }
}
