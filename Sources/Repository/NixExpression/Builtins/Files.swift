/// Files, paths and the environment.
extension Builtins {
  static func registerFiles(in registry: inout Globals.Registry) {
    registry.add(
      "import", "path", "The value of the Nix file at a path; a directory means its `default.nix`.",
      .one { evaluator, path, position throws(NixError) in
        do throws(NixError) {
          return try evaluator.evaluateFile(
            try evaluator.coercedPath(path, at: position), at: position)
        } catch {
          error.locate(evaluator.sources.place(position))
          throw error
        }
      })
    registry.add(
      "scopedImport", "scope path",
      "The value of the Nix file at a path, in which the attributes of a set are variables.",
      .two { evaluator, scope, path, position throws(NixError) in
        let scope = try evaluator.attributeSet(scope, at: position)
        do throws(NixError) {
          return try evaluator.evaluateFile(
            try evaluator.coercedPath(path, at: position), in: scope, at: position)
        } catch {
          error.locate(evaluator.sources.place(position))
          throw error
        }
      })
    registry.add(
      "readFile", "path", "The content of a file.",
      .one { evaluator, path, position throws(NixError) in
        try evaluator.contents(try evaluator.coercedPath(path, at: position), at: position)
      })
    registry.add(
      "readDir", "path",
      "The entries of a directory, each with its type: `regular`, `directory`, `symlink` or `unknown`.",
      .one(readDir))
    registry.add(
      "pathExists", "path", "Whether there is something at a path.",
      .one { evaluator, path, position throws(NixError) in
        let path = try evaluator.coercedPath(path, at: position)
        return .bool(try evaluator.world.kind(of: try evaluator.text(ofPath: path)) != nil)
      })
    registry.add(
      "getEnv", "name", "The value of an environment variable, empty if it is not set.",
      .one { evaluator, name, position throws(NixError) in
        let name = String(
          decoding: try evaluator.stringValue(name, at: position), as: UTF8.self)
        return try evaluator.string(evaluator.world.environmentVariable(name) ?? [])
      })
    registry.add(
      "baseNameOf", "path", "What follows the last slash of a path or string.", .one(baseNameOf))
    registry.add(
      "dirOf", "path", "What precedes the last slash of a path or string.", .one(dirOf))
    registry.add(
      "toPath", "path", "An absolute path as a string; kept for old expressions.",
      .one { evaluator, path, position throws(NixError) in
        try evaluator.string(try evaluator.coercedPath(path, at: position))
      })
    registry.add(
      "findFile", "entries name",
      "The path of a name below one of the search path's entries, `{ path, prefix }` each.",
      .two(findFile))
  }

  private static func readDir(
    _ evaluator: Evaluator, _ path: Value, _ position: Position
  ) throws(NixError) -> Value {
    let path = try evaluator.text(ofPath: try evaluator.coercedPath(path, at: position))
    let entries: [DirectoryEntry]
    do throws(NixError) {
      entries = try evaluator.world.readDirectory(path)
    } catch {
      error.locate(evaluator.sources.place(position))
      throw error
    }
    var builder = AttributeBuilder(capacity: entries.count)
    for entry in entries {
      builder.add(evaluator.symbols.intern(entry.name), evaluator.makeString(entry.kind.rawValue))
    }
    return .attributes(evaluator.set(builder))
  }

  private static func baseNameOf(
    _ evaluator: Evaluator, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    var text = try evaluator.coerced(value, at: position)[...]
    try evaluator.spend(bytes: text.count, at: position)
    if text.count > 1, text.last == UInt8(ascii: "/") { text.removeLast() }
    guard let slash = text.lastIndex(of: UInt8(ascii: "/")) else {
      return try evaluator.string(Array(text))
    }
    return try evaluator.string(Array(text[(slash + 1)...]))
  }

  private static func dirOf(
    _ evaluator: Evaluator, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let value = try evaluator.force(value, at: position)
    let text = try evaluator.coerced(value, at: position)
    try evaluator.spend(bytes: text.count, at: position)
    let result: [UInt8]
    switch text.lastIndex(of: UInt8(ascii: "/")) {
    case nil: result = [UInt8(ascii: ".")]
    case 0?: result = [UInt8(ascii: "/")]
    case let slash?: result = Array(text[..<slash])
    }
    let counted = try evaluator.string(result)
    if case .path = value { return .path(evaluator.heap.text(result)) }
    return counted
  }

  /// The first entry of a search path, `{ prefix, path }` each, below which a name exists.
  private static func findFile(
    _ evaluator: Evaluator, _ list: Value, _ name: Value, _ position: Position
  ) throws(NixError) -> Value {
    let known = evaluator.symbols.known
    let name = try evaluator.stringValue(name, at: position)
    for element in try evaluator.listValue(list, at: position).elements {
      let entry = try evaluator.attributeSet(element, at: position)
      let prefix =
        try entry[known.prefix].map { value throws(NixError) in
          try evaluator.stringValue(value, at: position)
        } ?? []
      let path = try evaluator.coerced(
        try evaluator.required(known.path, of: entry, by: "findFile", at: position),
        at: position)
      guard let rest = remainder(of: name, after: prefix) else { continue }
      let candidate = normalised(path + [UInt8(ascii: "/")] + rest)
      if try evaluator.world.kind(of: try evaluator.text(ofPath: candidate)) != nil {
        return .path(evaluator.heap.text(candidate))
      }
    }
    let written = String(decoding: name, as: UTF8.self)
    throw evaluator.error(
      .unavailable("<\(written)>"),
      "file '\(written)' was not found in the Nix search path (add it using $NIX_PATH or -I)",
      at: position)
  }

  /// What of a name comes after a prefix that ends where a component ends.
  private static func remainder(of name: [UInt8], after prefix: [UInt8]) -> ArraySlice<UInt8>? {
    if prefix.isEmpty { return name[...] }
    guard name.starts(with: prefix) else { return nil }
    let rest = name[prefix.count...]
    if rest.isEmpty { return rest }
    return rest.first == UInt8(ascii: "/") ? rest.dropFirst() : nil
  }
}
