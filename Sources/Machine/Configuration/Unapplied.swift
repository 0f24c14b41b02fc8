internal import NixExpression

/// The options that a configuration sets and that nothing here applies, for a person to read.
extension Modules {
  /// Sets of things that are named by the user: what is in them is told thing by thing.
  private static let collections: [[String]] = [
    ["services", "restic", "backups"], ["systemd", "services"], ["systemd", "timers"],
    ["systemd", "sockets"], ["systemd", "paths"], ["systemd", "targets"], ["systemd", "mounts"],
    ["systemd", "user", "services"], ["systemd", "user", "timers"], ["users", "users"],
    ["users", "groups"], ["environment", "etc"], ["fileSystems"],
  ]

  /// How deep options are told where no collection says otherwise.
  private static let depth = 3

  /// Paths of options outside `age`, sorted; nothing is forced but the sets on the way to them.
  func unappliedOptions() -> [String] {
    var options: Set<String> = []
    for module in modules {
      for name in sets(in: module.definitions) ?? [] where name != "age" {
        collect([name], in: module.definitions, &options)
      }
    }
    for definition in (try? definitions(of: ["age"])) ?? [] {
      for name in sets(in: definition.value) ?? [] where Self.ignoredAgeOptions.contains(name) {
        options.insert("age.\(name)")
      }
    }
    return options.sorted()
  }

  private func collect(_ path: [String], in parent: Value, _ options: inout Set<String>) {
    guard isWorthEntering(path), let name = path.last,
      let value = try? evaluator.attribute(name, of: parent),
      let names = sets(in: value), !names.isEmpty, !names.contains("_type"),
      // Several settings of one thing are told as the thing.
      names.count == 1 || !isThing(path)
    else {
      options.insert(optionName(path))
      return
    }
    for name in names { collect(path + [name], in: value, &options) }
  }

  private func isThing(_ path: [String]) -> Bool { Self.collections.contains(path.dropLast()) }

  private func isWorthEntering(_ path: [String]) -> Bool {
    if Self.collections.contains(where: { $0.starts(with: path) }) { return true }
    if let collection = Self.collections.first(where: { path.starts(with: $0) }) {
      // A backup is one thing to everybody; of a unit, the one thing that is set is worth a word.
      return path.count == collection.count + 1 && collection[0] != "services"
    }
    return path.count < Self.depth
  }

  /// The names in a set; nil for everything else, and for what has no value.
  private func sets(in value: Value) -> [String]? {
    guard (try? evaluator.type(of: value)) == .set else { return nil }
    return try? evaluator.attributeNames(value)
  }
}
