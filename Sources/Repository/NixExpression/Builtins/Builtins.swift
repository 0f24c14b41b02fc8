/// The functions and constants of `builtins`, in groups; each group registers its own.
enum Builtins {
  static func register(in registry: inout Globals.Registry, _ world: any EvaluationWorld) {
    registry.add("true", "The Boolean.", value: .bool(true))
    registry.add("false", "The Boolean.", value: .bool(false))
    registry.add("null", "The value of type null.", value: .null)
    registry.add(
      "nixVersion", "The version of Nix whose language this is.", value: registry.string("2.8.0"))
    registry.add("langVersion", "The version of that language.", value: .int(6))
    registry.add("storeDir", "Where Nix has its store.", value: registry.string("/nix/store"))
    registry.add(
      "currentSystem", "The system as Nix names it, such as `x86_64-linux`.",
      value: registry.string(currentSystem))
    registerTypes(in: &registry)
    registerControl(in: &registry)
    registerNumbers(in: &registry)
    registerLists(in: &registry)
    registerListFolds(in: &registry)
    registerAttributes(in: &registry)
    registerSets(in: &registry)
    registerStrings(in: &registry)
    registerContext(in: &registry)
    registerExpressions(in: &registry)
    registerVersions(in: &registry)
    registerHashes(in: &registry)
    registerFiles(in: &registry)
    registerLater(in: &registry)
    registry.add(searchPath: world.searchPath)
    registerUnavailable(in: &registry)
    registerClock(in: &registry)
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
    registry.add(onlyInNix: "derivation", "attributes", "A derivation.")
    registry.add(onlyInNix: "derivationStrict", "attributes", "A derivation's paths.")
    registry.add(onlyInNix: "fetchClosure", "attributes", "A store path, from a binary cache.")
    registry.add(onlyInNix: "fetchGit", "source", "A store path with a Git repository.")
    registry.add(onlyInNix: "fetchMercurial", "source", "A store path with a Mercurial repository.")
    registry.add(onlyInNix: "fetchTarball", "source", "A store path with what an archive holds.")
    registry.add(onlyInNix: "fetchTree", "source", "A store path with a tree of files.")
    registry.add(onlyInNix: "fetchurl", "source", "A store path with a file.")
    registry.add(onlyInNix: "filterSource", "predicate path", "A store path with some of a tree.")
    registry.add(onlyInNix: "getFlake", "reference", "A flake's outputs.")
    registry.add(onlyInNix: "outputOf", "derivation output", "A derivation's output.")
    registry.add(onlyInNix: "path", "source", "A store path with a copy of a file or tree.")
    registry.add(onlyInNix: "storePath", "path", "A store path that exists.")
    registry.add(onlyInNix: "toFile", "name content", "A store path with a file of that content.")
  }

  private static func registerClock(in registry: inout Globals.Registry) {
    registry.add(
      "currentTime", "When the evaluation began, in seconds since 1970.",
      suspended: { evaluator throws(NixError) in
        guard let time = evaluator.world.currentTime else {
          throw evaluator.unavailable("builtins.currentTime", at: .none)
        }
        return .int(time)
      })
  }
}
