internal import NixExpression
internal import SystemFiles

/// The options that a configuration sets and that nothing here applies, for a person to read.
extension Evaluation {
  /// Sets of things that are named by the user: what is in them is told thing by thing.
  private static let collections: [[String]] = [
    ["systemd", "sockets"], ["systemd", "paths"], ["systemd", "targets"], ["systemd", "mounts"],
    ["systemd", "user", "services"], ["systemd", "user", "timers"], ["users", "users"],
    ["users", "groups"], ["environment", "etc"], ["fileSystems"],
  ]

  /// How deep options are told where no collection says otherwise.
  private static let depth = 3

  /// Paths of options, sorted; nothing is forced but the sets on the way to them, and what cannot be is left.
  func notApplied() throws(NixError) -> [String] {
    var options: Set<String> = []
    for definition in try evaluator.list(try value("unapplied")) {
      let path = try evaluator.list(try evaluator.select(definition, ["path"]))
        .map { name throws(NixError) in try evaluator.string(name) }
      guard let value = try evaluator.attribute("value", of: definition) else { continue }
      collect(path, value, &options)
    }
    return options.sorted()
  }

  private func collect(_ path: [String], _ value: Value, _ options: inout Set<String>) {
    guard isWorthEntering(path), let names = names(in: value), !names.isEmpty else {
      options.insert(optionName(path))
      return
    }
    if names.contains("_type") { return collectProperty(path, value, &options) }
    // Several settings of one thing are told as the thing.
    if names.count > 1, Self.collections.contains(path.dropLast()) {
      options.insert(optionName(path))
      return
    }
    for name in names {
      guard let inner = try? evaluator.attribute(name, of: value) else { continue }
      collect(path + [name], inner, &options)
    }
  }

  /// What is in `mkIf` and its kind; nothing, if a condition is known to be false.
  private func collectProperty(_ path: [String], _ value: Value, _ options: inout Set<String>) {
    if let condition = try? evaluator.attribute("condition", of: value),
      (try? evaluator.bool(condition)) == false
    {
      return
    }
    var contents: [Value] = []
    if let content = try? evaluator.attribute("content", of: value) { contents = [content] }
    if let merged = try? evaluator.attribute("contents", of: value) {
      contents += (try? evaluator.list(merged)) ?? []
    }
    for content in contents { collect(path, content, &options) }
    if contents.isEmpty { options.insert(optionName(path)) }
  }

  private func isWorthEntering(_ path: [String]) -> Bool {
    if Self.collections.contains(where: { $0.starts(with: path) }) { return true }
    if let collection = Self.collections.first(where: { path.starts(with: $0) }) {
      return path.count == collection.count + 1
    }
    return path.count < Self.depth
  }

  /// The names in a set; nil for everything else, and for what has no value.
  private func names(in value: Value) -> [String]? {
    guard (try? evaluator.type(of: value)) == .set else { return nil }
    return try? evaluator.attributeNames(value)
  }
}

/// A path of names as it is written in the language; names that are no identifiers are quoted.
func optionName(_ path: [String]) -> String {
  path.map { name in
    let isIdentifier =
      name.utf8.first.map { !(0x30...0x39).contains($0) && $0 != 0x2d } ?? false
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
          || [0x2d, 0x5f, 0x27].contains($0)
      }
    return isIdentifier ? name : "\"\(printable(name))\""
  }.joined(separator: ".")
}
