internal import NixExpression
internal import SystemFiles

/// What `config` is to the modules: all their definitions together, with what is known besides.
extension Modules {
  /// The value of `config` at a path of names.
  func result(at path: [String]) throws(NixError) -> Value {
    switch path {
    case []: return try merged(path, adding: ["age", "users"])
    case ["age"]: return ageResult()
    case ["users"]: return try merged(path, adding: ["users"])
    case ["users", "users"]: return try usersResult()
    default: return try merged(path, adding: [])
    }
  }

  private func lazyResult(at path: [String]) -> Value {
    evaluator.makeLazy { [unowned self] _ throws(NixError) in try result(at: path) }
  }

  /// One definition as it is; several sets or lists put together.
  private func merged(_ path: [String], adding names: [String]) throws(NixError) -> Value {
    let definitions = try definitions(of: path)
    if definitions.count == 1, names.isEmpty { return definitions[0].value }
    var types: [ValueType] = []
    for definition in definitions { types.append(try evaluator.type(of: definition.value)) }
    if types.allSatisfy({ $0 == .set }) {
      let all = Set(try self.names(in: path)).union(names)
      return evaluator.makeAttributes(all.map { ($0, lazyResult(at: path + [$0])) })
    }
    if types.allSatisfy({ $0 == .list }) {
      var elements: [Value] = []
      for definition in definitions { elements += try evaluator.list(definition.value) }
      return evaluator.makeList(elements)
    }
    // Says that there is more than one, and where.
    return try definition(of: path)?.value ?? .null
  }

  // MARK: Users

  /// The machine's users: those that can be listed, and those that a source asks for by name.
  private func usersResult() throws(NixError) -> Value {
    let path = ["users", "users"]
    let mentioned = world.sources.flatMap { namesOfUsers(in: $0.bytes) }
    let names = Set(try names(in: path) + machine.userNames + mentioned)
    return evaluator.makeAttributes(
      names.map { name in
        (
          name,
          evaluator.makeLazy { [unowned self] _ throws(NixError) in try userResult(name) }
        )
      })
  }

  /// What the machine says of a user comes before what the configuration defines.
  private func userResult(_ name: String) throws(NixError) -> Value {
    var attributes: [String: Value] = [:]
    for definition in try definitions(of: ["users", "users", name]) {
      for (key, value) in try evaluator.attributes(definition.value) { attributes[key] = value }
    }
    if let user = try account(name) {
      attributes["name"] = .string(user.name)
      attributes["home"] = .string(user.home)
      attributes["uid"] = .int(Int64(user.id))
      attributes["group"] = .string(user.group ?? String(user.groupID))
    } else if attributes.isEmpty {
      throw NixError(
        .missingAttribute,
        "there is no user '\(name)' on this machine (\(optionName(["config", "users", "users", name])))"
      )
    }
    attributes["name"] = attributes["name"] ?? .string(name)
    return evaluator.makeAttributes(attributes.map { ($0, $1) })
  }

  func account(_ name: String) throws(NixError) -> UserAccount? {
    do {
      return try machine.user(named: name)
    } catch {
      throw NixError(.io, error.description)
    }
  }
}

/// The names that a source has after `users.users.`, quoted or not: a directory service may know
/// users that it does not list.
func namesOfUsers(in source: [UInt8]) -> [String] {
  let key = Array("users.users.".utf8)
  var names: [String] = []
  var rest = source[...]
  while let index = rest.firstIndex(of: key[0]) {
    rest = rest[index...]
    guard rest.starts(with: key) else {
      rest = rest.dropFirst()
      continue
    }
    rest = rest.dropFirst(key.count)
    if rest.first == UInt8(ascii: "\"") { rest = rest.dropFirst() }
    let name = rest.prefix {
      (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
        || [0x2d, 0x5f].contains($0)
    }
    if !name.isEmpty { names.append(String(decoding: name, as: UTF8.self)) }
  }
  return names
}
