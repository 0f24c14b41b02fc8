/// Evaluates Nix expressions in a world that it is given.
///
/// All work happens on one large stack of its own, on a thread that runs while the caller waits; so a call costs
/// some tens of microseconds, and `run(_:)` makes many calls at the price of one. Not safe for use by two threads at
/// once. Values live until the evaluator is released, and then all together.
package final class Evaluator {
  let world: any EvaluationWorld
  let limits: Limits
  let symbols: SymbolTable
  let sources = SourceMap()
  let globals: Globals
  let heap: Heap
  private let pool = Pool()
  var regularExpressions = RegularExpressionCache()

  /// What every name in the language that no source defines stands for.
  let root: Environment
  private var stack: DeepStack?
  private var floor: UInt = 0
  private var isRunning = false
  private var depth = 0
  private var steps = 0
  /// Sources that were parsed, by path, and how deep the deepest is nested.
  private var parsed = SymbolMap<Expression>()
  private var roots: [Expression] = []
  private(set) var memory: SyntaxMemory
  private var deepest = 0
  /// Files that were imported, by path after links were followed.
  private var imported = SymbolMap<Value>()

  package init(world: any EvaluationWorld = ClosedWorld(), limits: Limits = Limits()) {
    self.world = world
    self.limits = limits
    heap = Heap(pool)
    symbols = SymbolTable(pool, heap)
    memory = SyntaxMemory(pool)
    root = heap.environment(in: nil, slots: 0)
    var registry = Globals.Registry(symbols, heap)
    Builtins.register(in: &registry, world)
    globals = registry.finish()
  }

  deinit {
    // Expressions own those below them; releasing what is nested deeply nests as deeply.
    guard deepest > 500, let stack else { return }
    var syntax: [AnyObject] = roots + [memory]
    (memory, roots, parsed) = (SyntaxMemory(pool), [], SymbolMap())
    // Without a thread it is left to this stack, which then is likely to do too.
    try? stack.run { syntax.removeAll() }
  }

  // MARK: Where it runs

  /// Runs the body, which may use the evaluator as often as it likes, on the evaluator's own stack.
  ///
  /// - Parameter meanwhile: what the calling thread does while the body runs; it must not use the evaluator.
  package func run<Result>(
    meanwhile: () -> Void = {}, _ body: () throws(NixError) -> Result
  ) throws(NixError) -> Result {
    if isRunning {
      meanwhile()
      return try body()
    }
    let stack: DeepStack
    if let existing = self.stack {
      stack = existing
    } else {
      stack = try DeepStack(limits.stackBytes)
    }
    self.stack = stack
    floor = stack.floor
    isRunning = true
    defer { isRunning = false }
    var result: Swift.Result<Result, NixError>?
    try stack.run {
      do throws(NixError) {
        result = .success(try body())
      } catch {
        result = .failure(error)
      }
    } meanwhile: {
      meanwhile()
    }
    guard let result else { throw NixError(.limit, "the thread to evaluate on ended early") }
    return try result.get()
  }

  /// Counts a level of nesting and a step; `ascend()` must follow.
  @inline(__always)
  func descend(at position: Position) throws(NixError) {
    depth += 1
    steps &+= 1
    if depth > limits.depth || steps > limits.steps || heap.bytes > limits.memory
      || stackAddress() < floor
    {
      throw overflow(at: position)
    }
  }

  /// Counts the steps of work that no call does.
  func spend(_ count: Int, at position: Position) throws(NixError) {
    guard count <= remainingSteps else { throw exhausted(.steps, at: position) }
    steps += count
  }

  /// Counts the steps of work on every byte of a text: one for 64 of them.
  func spend(bytes count: Int, at position: Position) throws(NixError) {
    try spend(count / 64, at: position)
  }

  /// Counts the steps of a look at every element of a list or set: one for 8 of them.
  @inline(__always)
  func spend(elements count: Int, at position: Position) throws(NixError) {
    if count >= 8 { try spend(count / 8, at: position) }
  }

  var remainingSteps: Int { limits.steps - steps }

  @inline(__always)
  func ascend() { depth -= 1 }

  private func overflow(at position: Position) -> NixError {
    defer { depth -= 1 }
    if steps > limits.steps { return exhausted(.steps, at: position) }
    if heap.bytes > limits.memory { return exhausted(.memory, at: position) }
    return error(.depth, "stack overflow (possible infinite recursion)", at: position)
  }

  enum Resource { case steps, memory }

  func exhausted(_ resource: Resource, at position: Position) -> NixError {
    switch resource {
    case .steps: error(.limit, "evaluation took more than \(limits.steps) steps", at: position)
    case .memory:
      error(.limit, "evaluation allocated more than \(limits.memory) bytes", at: position)
    }
  }

  // MARK: Sources

  /// Parses a source and finds its variables, some of which the environment that it is for may have.
  func parse(
    _ bytes: [UInt8], name: String, directory: [UInt8], isFile: Bool, _ variables: [Symbol] = []
  ) throws(NixError) -> Expression {
    guard bytes.count <= limits.sourceBytes else {
      throw NixError(
        .limit, "reading '\(name)': a source may have \(limits.sourceBytes) bytes at most")
    }
    try spend(bytes: bytes.count, at: .none)
    // An expression takes several times the room of its text.
    heap.charge(bytes.count * 8)
    let source = try sources.add(name: name, bytes: bytes, isFile: isFile)
    var parser = Parser(
      source, directory: directory, home: world.homeDirectory.map { [UInt8]($0.utf8) },
      symbols: symbols, sources: sources, memory: memory, heap: heap,
      nesting: min(limits.nesting, stack?.nesting ?? limits.nesting))
    // The expressions of a source take about eight times its room.
    let expression =
      bytes.count < 1 << 16
      ? try parser.parse()
      : try LargePages.forSmallObjects(bytes.count * 8) { () throws(NixError) in
        try parser.parse()
      }
    deepest = max(deepest, parser.deepest)
    var binder = Binder(
      symbols: symbols, globals: globals, sources: sources, heap: heap, memory: memory)
    // Outside of an environment with variables there is none.
    if !variables.isEmpty { binder.enter(variables) }
    try expression.bind(&binder)
    return expression
  }

  /// The value of a source's expression, which sees nothing but the globals.
  func evaluate(_ expression: Expression) throws(NixError) -> Value {
    roots.append(expression)
    return try expression.evaluate(root, self)
  }

  /// The value of a file, parsed and evaluated once.
  func evaluateFile(_ path: [UInt8], at position: Position) throws(NixError) -> Value {
    let resolved = try resolveImport(path)
    let key = symbols.intern(resolved)
    if let value = imported[key] { return value }
    try descend(at: position)
    defer { ascend() }
    let expression: Expression
    if let known = parsed[key] {
      expression = known
    } else {
      expression = try parseFile(resolved)
      parsed[key] = expression
    }
    let value = try world.imported(
      try evaluate(expression), from: try text(ofPath: resolved), self)
    imported[key] = value
    return value
  }

  /// The value of a file in which a set's attributes are variables; parsed and evaluated each time.
  func evaluateFile(
    _ path: [UInt8], in scope: AttributeSet, at position: Position
  ) throws(NixError) -> Value {
    let resolved = try resolveImport(path)
    try descend(at: position)
    defer { ascend() }
    let expression = try parseFile(resolved, scope.shape.keys.map(\.symbol))
    roots.append(expression)
    let environment = heap.environment(in: root, scope.values)
    return try expression.evaluate(environment, self)
  }

  private func parseFile(
    _ path: [UInt8], _ variables: [Symbol] = []
  ) throws(NixError) -> Expression {
    let text = try text(ofPath: path)
    let directory = path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? 0)]
    return try parse(
      try world.readFile(text), name: text, directory: Array(directory), isFile: true, variables)
  }
}
