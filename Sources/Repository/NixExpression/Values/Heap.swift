/// The memory of one evaluator's values.
///
/// Recursive sets and fixpoints make cycles that reference counting never frees, and chains so long that freeing
/// them recursively would overflow a stack. So what a value refers to is counted by nobody: it lies in these arenas,
/// and goes with them. Whoever has a value must have its evaluator, too.
final class Heap {
  private let values: Arena<Value>
  private let bytesOfTexts: Arena<UInt8>
  private let texts: Arena<Text.Storage>
  private let thunks: Arena<Thunk.State>
  private let environments: Arena<Environment.Storage>
  private let lists: Arena<Slots<Value>>
  private let sets: Arena<AttributeSet.Storage>
  private let shapes: Arena<Shape.Storage>
  private let keys: Arena<Shape.Key>
  private let closures: Arena<Closure.Storage>
  private let primitives: Arena<Primitive.Storage>
  private let partials: Arena<PartialApplication.Storage>
  /// Objects that values refer to.
  private var owned: [AnyObject] = []

  /// How much was allocated in all.
  private(set) var bytes = 0

  init(_ pool: Pool) {
    values = Arena(pool)
    bytesOfTexts = Arena(pool)
    texts = Arena(pool)
    thunks = Arena(pool)
    environments = Arena(pool)
    lists = Arena(pool)
    sets = Arena(pool)
    shapes = Arena(pool)
    keys = Arena(pool)
    closures = Arena(pool)
    primitives = Arena(pool)
    partials = Arena(pool)
  }

  /// Counts bytes that lie elsewhere, such as a string's.
  @inline(__always)
  func charge(_ bytes: Int) { self.bytes &+= bytes }

  /// Keeps an object until the end.
  func own(_ object: AnyObject) { owned.append(object) }

  // MARK: Making

  func text(_ bytes: some Collection<UInt8>) -> Text {
    charge(bytes.count)
    return text(bytesOfTexts.slots(bytes))
  }

  func text(_ bytes: Span<UInt8>) -> Text {
    charge(bytes.count)
    return text(bytesOfTexts.slots(bytes))
  }

  func text(_ text: String) -> Text { self.text(text.utf8) }

  /// A part of a text, whose bytes it shares.
  func text(_ text: Text, from start: Int, count: Int) -> Text {
    self.text(text.bytes.part(from: start, count: count))
  }

  private func text(_ bytes: Slots<UInt8>) -> Text {
    charge(MemoryLayout<Text.Storage>.stride)
    return unsafe Text(texts.make(Text.Storage(bytes: bytes, isPlain: nil)))
  }

  @inline(__always)
  func slots(_ count: Int) -> Slots<Value> {
    if count == 0 { return .none }
    charge(count * MemoryLayout<Value>.stride)
    return values.slots(.null, count: count)
  }

  func slots(_ elements: some Collection<Value>) -> Slots<Value> {
    charge(elements.count * MemoryLayout<Value>.stride)
    return values.slots(elements)
  }

  @inline(__always)
  func thunk(_ state: Thunk.State) -> Thunk {
    charge(MemoryLayout<Thunk.State>.stride)
    return unsafe Thunk(thunks.make(state))
  }

  @inline(__always)
  func environment(in parent: Environment?, slots count: Int) -> Environment {
    environment(in: parent, slots(count))
  }

  @inline(__always)
  func environment(in parent: Environment?, _ slots: Slots<Value>) -> Environment {
    charge(MemoryLayout<Environment.Storage>.stride)
    let storage = Environment.Storage(parent: parent, slots: slots)
    return unsafe Environment(environments.make(storage))
  }

  @inline(__always)
  func list(_ elements: Slots<Value>) -> List {
    charge(MemoryLayout<Slots<Value>>.stride)
    return unsafe List(lists.make(elements))
  }

  @inline(__always)
  func set(_ shape: Shape, _ values: Slots<Value>) -> AttributeSet {
    precondition(values.count == shape.keys.count, "a set needs a value for each name")
    charge(MemoryLayout<AttributeSet.Storage>.stride)
    return unsafe AttributeSet(sets.make(AttributeSet.Storage(shape: shape, values: values)))
  }

  /// A shape from keys sorted by symbol, each once.
  func shape(_ sorted: Slots<Shape.Key>, open: OpenNames? = nil) -> Shape {
    charge(MemoryLayout<Shape.Storage>.stride)
    return unsafe Shape(shapes.make(Shape.Storage(keys: sorted, open: open, nameOrder: nil)))
  }

  func shape(_ sorted: some Collection<Shape.Key>, open: OpenNames? = nil) -> Shape {
    charge(sorted.count * MemoryLayout<Shape.Key>.stride)
    return shape(keys.slots(sorted), open: open)
  }

  func keys(_ count: Int) -> Slots<Shape.Key> {
    if count == 0 { return .none }
    charge(count * MemoryLayout<Shape.Key>.stride)
    let none = Shape.Key(symbol: Symbol(index: 0), position: .none)
    return keys.slots(none, count: count)
  }

  @inline(__always)
  func closure(_ lambda: Lambda, in environment: Environment) -> Closure {
    charge(MemoryLayout<Closure.Storage>.stride)
    let body = unsafe Closure.Storage(lambda: .passUnretained(lambda), environment: environment)
    return unsafe Closure(closures.make(body))
  }

  func primitive(_ name: String, _ body: Primitive.Body) -> Primitive {
    charge(MemoryLayout<Primitive.Storage>.stride)
    return unsafe Primitive(
      primitives.make(Primitive.Storage(name: name, arity: body.arity, body: body)))
  }

  func partial(_ function: Primitive, _ arguments: some Collection<Value>) -> PartialApplication {
    charge(MemoryLayout<PartialApplication.Storage>.stride)
    let body = PartialApplication.Storage(function: function, arguments: slots(arguments))
    return unsafe PartialApplication(partials.make(body))
  }
}
