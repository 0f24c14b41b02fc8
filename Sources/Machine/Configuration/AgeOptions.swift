internal import NixExpression
internal import Plan
internal import SystemFiles

/// The options of `age.*`: their types, their defaults, and the plan that they make.
extension Modules {
  /// Options that agenix has and that mean nothing here.
  static let ignoredAgeOptions = ["ageBin", "package"]

  private static let ageOptions = [
    "identityPaths", "secrets", "secretsDir", "secretsMountPoint",
  ]

  private static let secretOptions = [
    "file", "group", "mode", "name", "owner", "path", "symlink",
  ]

  // MARK: What modules see

  /// `config.age`, with every default.
  func ageResult() -> Value {
    evaluator.makeAttributes(
      Self.ageOptions.map { option in
        (
          option,
          evaluator.makeLazy { [unowned self] _ throws(NixError) in try ageValue(option) }
        )
      })
  }

  private func ageValue(_ option: String) throws(NixError) -> Value {
    switch option {
    case "identityPaths": return evaluator.makeList(try identityPaths().map { .string($0) })
    case "secretsDir": return .string(try secretsDirectory())
    case "secretsMountPoint": return .string(try secretsMountPoint())
    default: return evaluator.makeAttributes(try secretNames().map { ($0, secretResult($0)) })
    }
  }

  private func secretResult(_ name: String) -> Value {
    evaluator.makeAttributes(
      Self.secretOptions.map { option in
        (
          option,
          evaluator.makeLazy { [unowned self] _ throws(NixError) in
            try secretValue(name, option)
          }
        )
      })
  }

  private func secretValue(_ name: String, _ option: String) throws(NixError) -> Value {
    switch option {
    case "file": .path(try file(name))
    case "group": .string(try group(name))
    case "mode": .string(try mode(name))
    case "name": .string(try secretName(name))
    case "owner": .string(try owner(name))
    case "path": .string(try path(name))
    default: .bool(try symlink(name))
    }
  }

  // MARK: The plan

  /// The plan, after every name below `age` was found to be an option.
  func plan() throws(NixError) -> Plan {
    try refuseUnknown(Self.ageOptions + Self.ignoredAgeOptions, in: ["age"])
    var secrets: [PlannedSecret] = []
    for name in try secretNames() {
      try refuseUnknown(Self.secretOptions, in: ["age", "secrets", name])
      secrets.append(
        PlannedSecret(
          name: try secretName(name), file: try file(name), path: try path(name),
          mode: try mode(name), owner: try owner(name), group: try group(name),
          symlink: try symlink(name)))
    }
    return Plan(
      identityPaths: try identityPaths(), secretsDirectory: try secretsDirectory(),
      secretsMountPoint: try secretsMountPoint(), secrets: secrets)
  }

  private func refuseUnknown(_ known: [String], in path: [String]) throws(NixError) {
    for definition in try definitions(of: path) {
      try require(.set, definition, path[...])
      for name in try evaluator.attributeNames(definition.value) where !known.contains(name) {
        let option = optionName(path + [name])
        let advice = nearestName(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        throw NixError(
          .missingAttribute, "there is no option \(option)\(advice)",
          at: try evaluator.place(of: name, in: definition.value) ?? definition.place)
      }
    }
  }

  // MARK: Options of age

  private func secretNames() throws(NixError) -> [String] { try names(in: ["age", "secrets"]) }

  /// For the machine, its host keys; for a user, the keys that ssh uses.
  private func identityPaths() throws(NixError) -> [String] {
    let path = ["age", "identityPaths"]
    let definitions = try definitions(of: path)
    guard definitions.isEmpty else {
      var paths: [String] = []
      for definition in definitions {
        try require(.list, definition, path[...])
        for element in try evaluator.list(definition.value) {
          let element = Definition(value: element, place: definition.place)
          paths.append(try absolutePath(element, path))
        }
      }
      return paths
    }
    let user = machine.runningUser
    let candidates =
      user.id == 0
      ? ["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"]
      : ["\(user.home)/.ssh/id_ed25519", "\(user.home)/.ssh/id_rsa"]
    return candidates.filter(machine.exists)
  }

  private func secretsDirectory() throws(NixError) -> String {
    try directory("secretsDir", "agenix")
  }

  private func secretsMountPoint() throws(NixError) -> String {
    try directory("secretsMountPoint", "agenix.d")
  }

  private func directory(_ option: String, _ name: String) throws(NixError) -> String {
    let path = ["age", option]
    if let definition = try definition(of: path) { return try absolutePath(definition, path) }
    if machine.runningUser.id == 0 { return "/run/\(name)" }
    guard let runtime = machine.runtimeDirectory else {
      throw NixError(
        .argument, "\(optionName(path)) has no default, because $XDG_RUNTIME_DIR is not set")
    }
    return "\(runtime)/\(name)"
  }

  // MARK: Options of a secret

  private func string(
    _ secret: String, _ option: String, default value: () throws(NixError) -> String
  ) throws(NixError) -> String {
    let path = ["age", "secrets", secret, option]
    guard let definition = try definition(of: path) else { return try value() }
    try require(.string, definition, path[...])
    return try evaluator.string(definition.value)
  }

  private func secretName(_ secret: String) throws(NixError) -> String {
    try string(secret, "name") { () throws(NixError) in secret }
  }

  private func mode(_ secret: String) throws(NixError) -> String {
    try string(secret, "mode") { () throws(NixError) in "0400" }
  }

  /// A user can give a file to nobody else, so that is their default.
  private func owner(_ secret: String) throws(NixError) -> String {
    try string(secret, "owner") { () throws(NixError) in String(machine.runningUser.id) }
  }

  /// The group of an owner that is given by name; as agenix has it, not of one given by number.
  private func group(_ secret: String) throws(NixError) -> String {
    try string(secret, "group") { () throws(NixError) in
      let fallback = machine.runningUser.id == 0 ? 0 : machine.runningUser.groupID
      guard let user = try account(try owner(secret)) else { return String(fallback) }
      return user.group ?? String(user.groupID)
    }
  }

  private func file(_ secret: String) throws(NixError) -> String {
    let path = ["age", "secrets", secret, "file"]
    guard let definition = try definition(of: path) else {
      let place = try definitions(of: path.dropLast()).first?.place
      throw NixError(
        .missingAttribute, "\(optionName(path)) is missing: it names the encrypted file", at: place)
    }
    return try absolutePath(definition, path)
  }

  private func path(_ secret: String) throws(NixError) -> String {
    let path = ["age", "secrets", secret, "path"]
    guard let definition = try definition(of: path) else {
      return try "\(secretsDirectory())/\(secretName(secret))"
    }
    return try absolutePath(definition, path)
  }

  private func symlink(_ secret: String) throws(NixError) -> Bool {
    let path = ["age", "secrets", secret, "symlink"]
    guard let definition = try definition(of: path) else { return true }
    try require(.bool, definition, path[...])
    return try evaluator.bool(definition.value)
  }

  /// A path, or a string that begins with a slash.
  private func absolutePath(
    _ definition: Definition, _ path: [String]
  ) throws(NixError) -> String {
    switch try evaluator.type(of: definition.value) {
    case .path: return try evaluator.path(definition.value)
    case .string:
      let text = try evaluator.string(definition.value)
      if text.hasPrefix("/") { return text }
      throw NixError(
        .type, "\(optionName(path)): an absolute path expected, not \"\(printable(text))\"",
        at: definition.place)
    default:
      throw NixError(
        .type, "\(optionName(path)): a path expected, not \(try phrase(definition.value))",
        at: definition.place)
    }
  }
}
