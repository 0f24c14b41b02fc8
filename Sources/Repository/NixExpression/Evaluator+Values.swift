/// Evaluating sources and looking at values, for other targets.
///
/// Every function here that may evaluate does so on the evaluator's own stack; use `run(_:)` around many.
extension Evaluator {
  // MARK: Evaluating

  /// The value of a file; a directory means its `default.nix`, a relative path starts at the world's directory.
  package func evaluate(file path: String) throws(NixError) -> Value {
    let absolute =
      path.utf8.first == UInt8(ascii: "/") ? path : "\(world.currentDirectory)/\(path)"
    return try run { () throws(NixError) in
      try evaluateFile(normalised([UInt8](absolute.utf8)), at: .none)
    }
  }

  /// The value of a source text; relative paths in it start at the directory.
  package func evaluate(
    source: String, name: String = "«string»", directory: String? = nil
  ) throws(NixError) -> Value {
    try evaluate(source: [UInt8](source.utf8), name: name, directory: directory)
  }

  package func evaluate(
    source: [UInt8], name: String = "«string»", directory: String? = nil
  ) throws(NixError) -> Value {
    let directory = [UInt8]((directory ?? world.currentDirectory).utf8)
    return try run { () throws(NixError) in
      try evaluate(try parse(source, name: name, directory: directory, isFile: false))
    }
  }

  /// The value itself, evaluated as far as its type; what it holds may still be suspended.
  package func force(_ value: Value) throws(NixError) -> Value {
    guard case .thunk = value else { return value }
    return try run { () throws(NixError) in try force(value, at: .none) }
  }

  /// The result of a function, or of a set with `__functor`, for an argument.
  package func apply(_ function: Value, to argument: Value) throws(NixError) -> Value {
    try run { () throws(NixError) in try call(function, argument, at: .none) }
  }

  /// The attribute at a path of names; missing ones are errors.
  package func select(_ value: Value, _ path: [String]) throws(NixError) -> Value {
    try run { () throws(NixError) in
      var value = try force(value, at: .none)
      for name in path {
        let set = try attributeSet(value, at: .none)
        let symbol = symbols.intern(name)
        guard let next = try attribute(symbol, of: set) else {
          throw missingAttribute(symbol, in: set, at: .none)
        }
        do throws(NixError) {
          value = try force(next, at: .none)
        } catch {
          note(
            error, "while evaluating the attribute '\(name)'",
            at: set.shape.index(of: symbol).map { set.shape.keys[$0].position } ?? .none)
          throw error
        }
      }
      return value
    }
  }

  /// The attribute of a name, still suspended if it is; nil if the set has none.
  package func attribute(_ name: String, of value: Value) throws(NixError) -> Value? {
    try run { () throws(NixError) in
      try attributeSet(value, at: .none)[symbols.intern(name)]
    }
  }

  /// Forces a value and everything in it.
  package func forceDeeply(_ value: Value) throws(NixError) {
    try run { () throws(NixError) in
      var seen = Set<UInt>()
      try forceDeeply(value, &seen, at: .none)
    }
  }

  /// The value as JSON, everything in it forced, as `nix-instantiate --eval --strict --json` prints it.
  package func json(_ value: Value) throws(NixError) -> String {
    String(decoding: try jsonBytes(value), as: UTF8.self)
  }

  /// As `json(_:)`, exact also where strings are not UTF-8.
  package func jsonBytes(_ value: Value) throws(NixError) -> [UInt8] {
    try run { () throws(NixError) in
      var writer = JSONWriter(self, .none)
      try writer.write(value)
      return writer.text
    }
  }

  /// The value in the language's own syntax, everything in it forced, as `nix-instantiate --eval --strict` prints it,
  /// without a newline.
  package func printed(_ value: Value) throws(NixError) -> [UInt8] {
    try run { () throws(NixError) in
      var seen = Set<UInt>()
      try forceDeeply(value, &seen, at: .none)
      var printer = Printer(self, .none)
      try printer.print(value)
      return printer.text
    }
  }

  // MARK: Looking

  /// The type of a value, which is forced.
  package func type(of value: Value) throws(NixError) -> ValueType {
    // A forced value is not suspended, so it has a type.
    try force(value).type ?? .null
  }

  package func isNull(_ value: Value) throws(NixError) -> Bool {
    try type(of: value) == .null
  }

  package func bool(_ value: Value) throws(NixError) -> Bool {
    try booleanValue(try force(value), at: .none)
  }

  package func int(_ value: Value) throws(NixError) -> Int64 {
    try integerValue(try force(value), at: .none)
  }

  /// A number; an integer counts as one.
  package func float(_ value: Value) throws(NixError) -> Double {
    try floatValue(try force(value), at: .none)
  }

  /// A string's text; bytes that are not UTF-8 are replaced.
  package func string(_ value: Value) throws(NixError) -> String {
    String(decoding: try bytes(value), as: UTF8.self)
  }

  /// A string's bytes.
  package func bytes(_ value: Value) throws(NixError) -> [UInt8] {
    try stringValue(try force(value), at: .none)
  }

  /// The absolute path that a path, or a string beginning with a slash, stands for.
  package func path(_ value: Value) throws(NixError) -> String {
    try run { () throws(NixError) in
      try text(ofPath: try coercedPath(value, at: .none))
    }
  }

  /// The elements of a list, as suspended as they are.
  package func list(_ value: Value) throws(NixError) -> [Value] {
    Array(try listValue(try force(value), at: .none).elements)
  }

  /// The names of a set in order.
  package func attributeNames(_ value: Value) throws(NixError) -> [String] {
    try attributes(value).map(\.name)
  }

  /// The attributes of a set by name, as suspended as they are.
  package func attributes(
    _ value: Value
  ) throws(NixError) -> [(name: String, value: Value)] {
    let set = try attributeSet(try force(value), at: .none)
    return set.shape.orderedByName(symbols).map { index in
      (symbols.text(set.shape.keys[Int(index)].symbol), set.values[Int(index)])
    }
  }

  /// Where an attribute was defined; nil if it is not there or no source defines it.
  package func place(
    of name: String, in value: Value
  ) throws(NixError) -> NixError.Place? {
    let set = try attributeSet(try force(value), at: .none)
    return set.shape.index(of: symbols.intern(name)).flatMap {
      sources.place(set.shape.keys[$0].position)
    }
  }

  /// The names that a function's pattern takes; nil for a function without a pattern, and for other values.
  package func formals(
    of value: Value
  ) throws(NixError) -> [(name: String, hasDefault: Bool)]? {
    guard case .closure(let closure) = try force(value) else { return nil }
    return closure.lambda.formals?.list.map { formal in
      (symbols.text(formal.symbol), formal.defaultValue != nil)
    }
  }
}
