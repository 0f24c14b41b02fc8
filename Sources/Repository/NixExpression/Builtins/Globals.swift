/// The names that every source sees.
struct Globals {
  /// By symbol: the globals are the first names that an evaluator interns.
  private let values: SymbolMap<Value>
  let builtins: AttributeSet

  subscript(symbol: Symbol) -> Value? { values[symbol] }

  /// Collects the builtins.
  struct Registry {
    /// The builtins that Nix also offers without `builtins.`; of the others the global name begins with `__`.
    static let bare = [
      "abort", "baseNameOf", "builtins", "derivation", "derivationStrict", "dirOf", "false",
      "fetchGit", "fetchMercurial", "fetchTarball", "fetchTree", "fromTOML", "import", "isNull",
      "map", "null", "placeholder", "removeAttrs", "scopedImport", "throw", "toString", "true",
    ]

    /// A builtin and what its reference says.
    struct Entry {
      let name: String
      let value: Value
      /// Its arguments' names, separated by spaces; none for a constant.
      let arguments: StaticString
      let summary: StaticString
      let availability: BuiltinReference.Availability
    }

    private let symbols: SymbolTable
    private(set) var entries: [Entry] = []
    private let heap: Heap

    init(_ symbols: SymbolTable, _ heap: Heap) {
      self.symbols = symbols
      self.heap = heap
      entries.reserveCapacity(160)
    }

    /// A function: its name, those of its arguments separated by spaces, what it gives in one sentence, and itself.
    ///
    /// - Parameter version: the Nix that has it first, if 2.8 does not.
    mutating func add(
      _ name: String, _ arguments: StaticString, _ summary: StaticString,
      since version: String? = nil, _ body: Primitive.Body
    ) {
      add(name, arguments, summary, version.map { .since($0) } ?? .always, body)
    }

    /// A function that only Nix itself has: there as a name, an error when it is called.
    mutating func add(
      onlyInNix name: String, _ arguments: StaticString, _ summary: StaticString
    ) {
      let arity = 1 + arguments.description.utf8.count { $0 == UInt8(ascii: " ") }
      add(
        name, arguments, summary, BuiltinReference.Availability.onlyInNix,
        .many(
          arity,
          { evaluator, _, position throws(NixError) in
            throw evaluator.unavailable("builtins.\(name)", at: position)
          }))
    }

    private mutating func add(
      _ name: String, _ arguments: StaticString, _ summary: StaticString,
      _ availability: BuiltinReference.Availability, _ body: Primitive.Body
    ) {
      entries.append(
        Entry(
          name: name, value: .primitive(heap.primitive(name, body)), arguments: arguments,
          summary: summary,
          availability: availability))
    }

    /// A constant.
    mutating func add(_ name: String, _ summary: StaticString, value: Value) {
      entries.append(
        Entry(name: name, value: value, arguments: "", summary: summary, availability: .always))
    }

    func string(_ text: String) -> Value { .string(heap.text(text)) }

    /// A constant that is computed when it is first needed.
    mutating func add(
      _ name: String, _ summary: StaticString,
      suspended body: @escaping (Evaluator) throws(NixError) -> Value
    ) {
      let expression = HostExpression(body)
      heap.own(expression)
      let nowhere = heap.environment(in: nil, slots: 0)
      let thunk = heap.thunk(.suspended(Code(expression), nowhere))
      add(name, summary, value: .thunk(thunk))
    }

    /// `nixPath`: where `<name>` is looked up, as a list of `{ path, prefix }`.
    mutating func add(searchPath: [SearchPathEntry]) {
      let elements = searchPath.map { entry in
        var builder = AttributeBuilder()
        builder.add(symbols.intern("path"), string(entry.path))
        builder.add(symbols.intern("prefix"), string(entry.prefix))
        return Value.attributes(builder.finish(heap))
      }
      add(
        "nixPath", "Where `<name>` is looked up, as a list of `{ path, prefix }`.",
        value: .list(heap.list(heap.slots(elements))))
    }

    func finish() -> Globals {
      var builder = AttributeBuilder(capacity: entries.count + 1)
      for entry in entries { builder.add(symbols.intern(entry.name), entry.value) }
      let own = symbols.intern("builtins")
      builder.add(own, .null)
      let builtins = builder.finish(heap)
      if let slot = builtins.shape.index(of: own) { builtins.values[slot] = .attributes(builtins) }
      let names = entries.map { entry in
        (
          symbols.intern(Self.bare.contains(entry.name) ? entry.name : "__\(entry.name)"),
          entry.value
        )
      }
      var globals = SymbolMap<Value>()
      for (symbol, value) in names { globals[symbol] = value }
      globals[own] = .attributes(builtins)
      return Globals(values: globals, builtins: builtins)
    }
  }
}
