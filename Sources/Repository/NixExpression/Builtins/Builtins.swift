/// The functions and constants of `builtins`, in groups; each group registers its own.
enum Builtins {
  static func register(in registry: inout Globals.Registry, _ world: any EvaluationWorld) {
    registry.add("true", value: .bool(true))
    registry.add("false", value: .bool(false))
    registry.add("null", value: .null)
    registry.add("nixVersion", value: .string("2.8.0"))
    registry.add("langVersion", value: .int(6))
    registry.add("storeDir", value: .string("/nix/store"))
    registry.add("currentSystem", value: .string(currentSystem))
    registerTypes(in: &registry)
    registerControl(in: &registry)
    registerNumbers(in: &registry)
    registerLists(in: &registry)
    registerListFolds(in: &registry)
    registerAttributes(in: &registry)
    registerSets(in: &registry)
    registerStrings(in: &registry)
    registerExpressions(in: &registry)
    registerVersions(in: &registry)
    registerFiles(in: &registry)
    registry.add(searchPath: world.searchPath)
    registerUnavailable(in: &registry)
  }

  /// The system as Nix names it.
  private static var currentSystem: String {
    #if arch(arm64)
      "aarch64-linux"
    #else
      "x86_64-linux"
    #endif
  }

  /// What needs a store, a network or a clock: there as names, errors when used.
  private static func registerUnavailable(in registry: inout Globals.Registry) {
    let names = [
      "derivation", "derivationStrict", "fetchGit", "fetchMercurial", "fetchTarball", "fetchTree",
      "fetchurl", "filterSource", "fromTOML", "getFlake", "hashFile", "hashString", "path",
      "placeholder", "scopedImport", "storePath", "toFile", "toXML",
    ]
    for name in names {
      registry.add(
        name,
        .one { evaluator, _, position throws(NixError) in
          throw evaluator.unavailable("builtins.\(name)", at: position)
        })
    }
    let clock = HostExpression { _ throws(NixError) in
      throw NixError(.unavailable("builtins.currentTime"), "builtins.currentTime needs Nix itself")
    }
    registry.add("currentTime", value: .thunk(Thunk(clock, in: Environment(in: nil))))
  }
}
