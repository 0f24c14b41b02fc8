/// Finds, before evaluation, where each variable of a source gets its value.
///
/// A name that a function, `let` or `rec` defines is a slot some environments out; any other is a global, else looked
/// up in the enclosing `with`s, else an error. Lookup is one array access: for each symbol, the innermost
/// definition that is in scope now.
struct Binder {
  private struct Definition {
    let symbol: Symbol
    let depth: Int32
    let slot: Int32
    /// The definition that this one hides; -1 for none.
    let hidden: Int32
  }

  let symbols: SymbolTable
  let globals: Globals
  let heap: Heap
  let memory: SyntaxMemory
  private let sources: SourceMap
  private var innermost: ContiguousArray<Int32> = []
  private var definitions: ContiguousArray<Definition> = []
  private var withDepths: ContiguousArray<Int32> = []
  /// Environments around the expression that is being bound.
  private var depth: Int32 = 0

  init(symbols: SymbolTable, globals: Globals, sources: SourceMap, heap: Heap, memory: SyntaxMemory)
  {
    self.symbols = symbols
    self.globals = globals
    self.sources = sources
    self.heap = heap
    self.memory = memory
    innermost = ContiguousArray(repeating: -1, count: symbols.count)
  }

  /// Enters an environment whose slots are the names, in order.
  mutating func enter(_ names: some Sequence<Symbol>) {
    depth += 1
    var slot: Int32 = 0
    for symbol in names {
      let index = Int(symbol.index)
      definitions.append(
        Definition(symbol: symbol, depth: depth, slot: slot, hidden: innermost[index]))
      innermost[index] = Int32(definitions.count - 1)
      slot += 1
    }
  }

  mutating func leave() {
    while let last = definitions.last, last.depth == depth {
      innermost[Int(last.symbol.index)] = last.hidden
      definitions.removeLast()
    }
    depth -= 1
  }

  mutating func enterWith() {
    depth += 1
    withDepths.append(depth)
  }

  mutating func leaveWith() {
    withDepths.removeLast()
    depth -= 1
  }

  func resolve(_ symbol: Symbol, at position: Position) throws(NixError) -> Variable.Binding {
    let index = innermost[Int(symbol.index)]
    if index >= 0 {
      let definition = definitions[Int(index)]
      return .local(levels: Int(depth - definition.depth), slot: Int(definition.slot))
    }
    if globals[symbol] != nil { return .global }
    guard !withDepths.isEmpty else {
      throw NixError(
        .undefinedVariable, "undefined variable '\(symbols.shown(symbol))'",
        at: sources.place(position))
    }
    return .with(levels: memory.keep(withDepths.reversed().map { depth - $0 }))
  }
}
