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
    private var objects: [HeapObject] = []

    init(_ symbols: SymbolTable) {
      self.symbols = symbols
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
      let primitive = Primitive(name, body)
      objects.append(primitive)
      entries.append(
        Entry(
          name: name, value: .primitive(primitive), arguments: arguments, summary: summary,
          availability: availability))
    }

    /// A constant.
    mutating func add(_ name: String, _ summary: StaticString, value: Value) {
      entries.append(
        Entry(name: name, value: value, arguments: "", summary: summary, availability: .always))
    }

    /// `nixPath`: where `<name>` is looked up, as a list of `{ path, prefix }`.
    mutating func add(searchPath: [SearchPathEntry]) {
      let elements = searchPath.map { entry in
        var builder = AttributeBuilder()
        builder.add(symbols.intern("path"), .string(entry.path))
        builder.add(symbols.intern("prefix"), .string(entry.prefix))
        let (shape, values) = builder.finish()
        let set = AttributeSet(shape, values)
        objects.append(set)
        return Value.attributes(set)
      }
      let list = List(ContiguousArray(elements))
      objects.append(list)
      add(
        "nixPath", "Where `<name>` is looked up, as a list of `{ path, prefix }`.",
        value: .list(list))
    }

    func finish(_ heap: inout Heap) -> Globals {
      for object in objects { _ = heap.adopt(object, bytes: 0) }
      var builder = AttributeBuilder(capacity: entries.count + 1)
      for entry in entries { builder.add(symbols.intern(entry.name), entry.value) }
      let own = symbols.intern("builtins")
      builder.add(own, .null)
      let (shape, values) = builder.finish()
      let builtins = heap.adopt(AttributeSet(shape, values), bytes: 0)
      if let slot = shape.index(of: own) { builtins.values[slot] = .attributes(builtins) }
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
