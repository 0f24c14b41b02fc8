/// The names that every source sees.
struct Globals {
  /// By symbol: the globals are the first names that an evaluator interns.
  private let values: SymbolMap<Value>
  let builtins: AttributeSet

  subscript(symbol: Symbol) -> Value? { values[symbol] }

  /// Collects the builtins.
  struct Registry {
    /// The builtins that Nix also offers without `builtins.`; of the others the global name begins with `__`.
    private static let bare = [
      "abort", "baseNameOf", "builtins", "derivation", "derivationStrict", "dirOf", "false",
      "fetchGit", "fetchMercurial", "fetchTarball", "fetchTree", "fromTOML", "import", "isNull",
      "map", "null", "placeholder", "removeAttrs", "scopedImport", "throw", "toString", "true",
    ]

    private let symbols: SymbolTable
    private var entries: [(name: String, value: Value)] = []
    private var objects: [HeapObject] = []

    init(_ symbols: SymbolTable) { self.symbols = symbols }

    mutating func add(_ name: String, _ body: Primitive.Body) {
      let primitive = Primitive(name, body)
      objects.append(primitive)
      entries.append((name, .primitive(primitive)))
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
      entries.append(("nixPath", .list(list)))
    }

    mutating func add(_ name: String, value: Value) { entries.append((name, value)) }

    func finish(_ heap: inout Heap) -> Globals {
      for object in objects { _ = heap.adopt(object, bytes: 0) }
      var builder = AttributeBuilder(capacity: entries.count + 1)
      for (name, value) in entries { builder.add(symbols.intern(name), value) }
      let own = symbols.intern("builtins")
      builder.add(own, .null)
      let (shape, values) = builder.finish()
      let builtins = heap.adopt(AttributeSet(shape, values), bytes: 0)
      if let slot = shape.index(of: own) { builtins.values[slot] = .attributes(builtins) }
      let names = entries.map { name, value in
        (symbols.intern(Self.bare.contains(name) ? name : "__\(name)"), value)
      }
      var globals = SymbolMap<Value>()
      for (symbol, value) in names { globals[symbol] = value }
      globals[own] = .attributes(builtins)
      return Globals(values: globals, builtins: builtins)
    }
  }
}
