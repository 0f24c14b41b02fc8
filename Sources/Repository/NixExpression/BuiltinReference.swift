/// What a reference says about a builtin.
package struct BuiltinReference: Sendable {
  package enum Availability: Sendable, Hashable {
    /// As in Nix 2.8.
    case always
    /// Newer than Nix 2.8; the version of Nix that has it first.
    case since(String)
    /// It needs a store or a network: a name that is an error when it is used.
    case onlyInNix
  }

  package let name: String
  /// The names of its arguments; none for a constant.
  package let arguments: [String]
  /// One sentence, with code in backquotes.
  package let summary: String
  package let availability: Availability
  /// Whether its name means it without `builtins.` too.
  package let isGlobal: Bool

  /// All of them by name, as they are registered.
  package static var all: [BuiltinReference] {
    let pool = Pool()
    let heap = Heap(pool)
    var registry = Globals.Registry(SymbolTable(pool, heap), heap)
    Builtins.register(in: &registry, ClosedWorld())
    return registry.entries.map { entry in
      BuiltinReference(
        name: entry.name,
        arguments: entry.arguments.description.split(separator: " ").map(String.init),
        summary: entry.summary.description, availability: entry.availability,
        isGlobal: Globals.Registry.bare.contains(entry.name))
    }.sorted { $0.name < $1.name }
  }
}
