internal import NixExpression
internal import SystemFiles

/// A value that a module gives to an option.
struct Definition {
  let value: Value
  let place: NixError.Place?
}

/// A configuration's file with everything that it imports, and the result that they all see.
final class Modules {
  let evaluator: Evaluator
  let machine: any Machine
  let world: ConfigurationWorld
  /// The set of options that each module defines, and the module's file.
  private(set) var modules: [(definitions: Value, file: String)] = []
  private var imported: Set<String> = []
  private var arguments: [String: Value] = [:]

  /// The names in a module that define no option.
  private static let structure = [
    "_class", "_file", "config", "disabledModules", "imports", "key", "meta", "options",
  ]

  /// Evaluates the file as far as the names of the options that it defines.
  init(
    file: String, evaluator: Evaluator, world: ConfigurationWorld, machine: any Machine
  ) throws(NixError) {
    self.evaluator = evaluator
    self.world = world
    self.machine = machine
    let library = try evaluator.evaluate(source: Library.source, name: "lib")
    arguments = [
      "config": evaluator.makeLazy { [unowned self] _ throws(NixError) in try result(at: []) },
      "lib": evaluator.makeLazy { [unowned self] _ throws(NixError) in try extended(library) },
      "pkgs": refusal(
        "pkgs", "packages come with nixpkgs, which is not used here: write the program's path"),
    ]
    try load(file: file)
  }

  /// A value that is an error when it is needed.
  private func refusal(_ name: String, _ reason: String) -> Value {
    evaluator.makeLazy { _ throws(NixError) in
      throw NixError(.unavailable(name), "\(name) is not available: \(reason)")
    }
  }

  private func extended(_ library: Value) throws(NixError) -> Value {
    let missing = Library.unsupported.map { name in
      (name, refusal("lib.\(name)", "conditional definitions and options are not supported yet"))
    }
    return evaluator.makeAttributes(try evaluator.attributes(library).map { ($0, $1) } + missing)
  }

  // MARK: Loading

  private func load(file: String) throws(NixError) {
    guard imported.insert(file).inserted else { return }
    try load(try evaluator.evaluate(file: file), file: file)
  }

  private func load(_ value: Value, file: String) throws(NixError) {
    let module = try module(value)
    guard try evaluator.type(of: module) == .set else {
      throw NixError(
        .type,
        "\(file): a configuration is a set, or a function to one, and not \(try phrase(module))")
    }
    if try evaluator.attribute("options", of: module) != nil {
      throw NixError(
        .unavailable("options"), "a module that declares options is not supported yet",
        at: try evaluator.place(of: "options", in: module))
    }
    modules.append((try definitions(in: module), file))
    guard let imports = try evaluator.attribute("imports", of: module) else { return }
    for element in try evaluator.list(imports) {
      switch try evaluator.type(of: element) {
      case .path, .string: try load(file: try evaluator.path(element))
      default: try load(element, file: file)
      }
    }
  }

  /// Calls a module that is a function, with the arguments that its pattern names.
  private func module(_ value: Value) throws(NixError) -> Value {
    guard try evaluator.type(of: value) == .lambda else { return value }
    var given = arguments
    if let formals = try evaluator.formals(of: value) {
      given = [:]
      for (name, hasDefault) in formals {
        if let argument = arguments[name] {
          given[name] = argument
        } else if !hasDefault {
          given[name] = refusal("the module argument '\(name)'", "only config, lib and pkgs are")
        }
      }
    }
    return try evaluator.apply(value, to: evaluator.makeAttributes(given.map { ($0, $1) }))
  }

  /// The options that a module defines: its `config`, or all of it.
  private func definitions(in module: Value) throws(NixError) -> Value {
    let attributes = try evaluator.attributes(module)
    guard let inner = try evaluator.attribute("config", of: module) else {
      if !attributes.contains(where: { Self.structure.contains($0.name) }) { return module }
      // Without the places of what is kept, so only where something must go.
      return try evaluator.apply(
        try evaluator.evaluate(source: "set: removeAttrs set"), to: module
      ).applied(to: evaluator.makeList(Self.structure.map { .string($0) }), evaluator)
    }
    if let stray = attributes.first(where: { !Self.structure.contains($0.name) }) {
      throw NixError(
        .argument,
        "a module that has 'config' has its options in it, and '\(stray.name)' beside it",
        at: try evaluator.place(of: stray.name, in: module))
    }
    return inner
  }

  // MARK: Definitions

  /// What the modules say of the option at a path of names, in the order in which they were read.
  func definitions(of path: [String]) throws(NixError) -> [Definition] {
    var found: [Definition] = []
    for module in modules {
      var current: Definition? = Definition(value: module.definitions, place: nil)
      for (depth, name) in path.enumerated() {
        guard let set = current else { break }
        try require(.set, set, path.prefix(depth))
        current = try evaluator.attribute(name, of: set.value).map { value throws(NixError) in
          Definition(
            value: value, place: try evaluator.place(of: name, in: set.value) ?? set.place)
        }
      }
      if let current { found.append(current) }
    }
    return found
  }

  /// The names that are defined in the set at a path.
  func names(in path: [String]) throws(NixError) -> [String] {
    var names: Set<String> = []
    for definition in try definitions(of: path) {
      try require(.set, definition, path[...])
      names.formUnion(try evaluator.attributeNames(definition.value))
    }
    return names.sorted()
  }

  /// The definition at a path, where there may be one only; nil if there is none.
  func definition(of path: [String]) throws(NixError) -> Definition? {
    let found = try definitions(of: path)
    guard found.count > 1 else { return found.first }
    let places = found.compactMap { $0.place?.description }.joined(separator: " and ")
    throw NixError(.argument, "\(optionName(path)) is defined more than once: \(places)")
  }

  func require(
    _ type: ValueType, _ definition: Definition, _ path: ArraySlice<String>
  ) throws(NixError) {
    let actual = try evaluator.type(of: definition.value)
    guard actual == type else {
      throw NixError(
        .type,
        "\(optionName(Array(path))): \(article(type)) expected, not \(try phrase(definition.value))",
        at: definition.place)
    }
  }

  /// What a value is, with its article.
  func phrase(_ value: Value) throws(NixError) -> String {
    article(try evaluator.type(of: value))
  }
}

/// A type with its article.
func article(_ type: ValueType) -> String {
  switch type {
  case .null: "null"
  case .bool: "a boolean"
  case .int: "an integer"
  case .float: "a float"
  case .string: "a string"
  case .path: "a path"
  case .list: "a list"
  case .set: "a set"
  case .lambda: "a function"
  }
}

/// A path of names as it is written in a configuration; names that are no identifiers are quoted.
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

extension Value {
  fileprivate func applied(
    to argument: Value, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try evaluator.apply(self, to: argument)
  }
}
