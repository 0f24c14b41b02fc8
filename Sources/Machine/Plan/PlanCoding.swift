extension Plan {
  /// The version of the format that is written, and the only one that is read.
  package static let version = 1

  /// The most bytes that a plan may have: 16 MiB.
  package static let largest = 16 << 20

  /// The plan as JSON, with every key and a line feed at its end; the same plan gives the same text.
  package func json() -> String {
    let secrets = secrets.sorted { $0.name < $1.name }.map { secret in
      JSON.object([
        ("name", .string(secret.name)),
        ("file", .string(secret.file)),
        ("path", .string(secret.path)),
        ("mode", .string(secret.mode)),
        ("owner", .string(secret.owner)),
        ("group", .string(secret.group)),
        ("symlink", .boolean(secret.symlink)),
      ])
    }
    let plan = JSON.object([
      ("version", .integer(Plan.version)),
      ("identityPaths", .array(identityPaths.map(JSON.string))),
      ("secretsDir", .string(secretsDirectory)),
      ("secretsMountPoint", .string(secretsMountPoint)),
      ("secrets", .array(secrets)),
    ])
    return plan.text() + "\n"
  }

  /// Reads what `json` writes. Every key must be there and no other may be; whether the plan makes
  /// sense is for `problems` to say.
  package init(json bytes: [UInt8]) throws(PlanError) {
    guard bytes.count <= Plan.largest else {
      throw PlanError(.limit, "a plan is larger than \(Plan.largest) bytes")
    }
    var object = try ObjectReader(try JSONParser.parse(bytes), at: "plan")
    // First, because another version may have other keys.
    let version = try object.integer("version")
    guard version == Plan.version else {
      throw PlanError(
        .version, "plan: version \(version) is not known, only version \(Plan.version)")
    }
    identityPaths = try object.strings("identityPaths")
    secretsDirectory = try object.string("secretsDir")
    secretsMountPoint = try object.string("secretsMountPoint")
    secrets = []
    for (index, value) in try object.array("secrets").enumerated() {
      secrets.append(try PlannedSecret(value, at: "secrets[\(index)]"))
    }
    try object.finish()
  }
}

extension PlannedSecret {
  fileprivate init(_ value: JSON, at place: String) throws(PlanError) {
    var object = try ObjectReader(value, at: place)
    name = try object.string("name")
    file = try object.string("file")
    path = try object.string("path")
    mode = try object.string("mode")
    owner = try object.string("owner")
    group = try object.string("group")
    symlink = try object.boolean("symlink")
    try object.finish()
  }
}

/// Takes the members of an object one by one, so that what is left over at the end is unknown.
private struct ObjectReader {
  private var members: [String: JSON] = [:]
  private let place: String

  init(_ value: JSON, at place: String) throws(PlanError) {
    guard case .object(let members) = value else {
      throw PlanError(.type, "\(place): an object expected, not \(value.typeName)")
    }
    for (key, value) in members { self.members[key] = value }
    self.place = place
  }

  private mutating func take(_ key: String) throws(PlanError) -> JSON {
    guard let value = members.removeValue(forKey: key) else {
      throw PlanError(.missingKey, "\(place): the key \(quoted(key)) is missing")
    }
    return value
  }

  private func mismatch(_ key: String, _ expected: String, _ value: JSON) -> PlanError {
    PlanError(.type, "\(place): \(key): \(expected) expected, not \(value.typeName)")
  }

  mutating func string(_ key: String) throws(PlanError) -> String {
    let value = try take(key)
    guard case .string(let text) = value else { throw mismatch(key, "a string", value) }
    return text
  }

  mutating func boolean(_ key: String) throws(PlanError) -> Bool {
    let value = try take(key)
    guard case .boolean(let boolean) = value else { throw mismatch(key, "a boolean", value) }
    return boolean
  }

  mutating func integer(_ key: String) throws(PlanError) -> Int {
    let value = try take(key)
    guard case .integer(let number) = value else { throw mismatch(key, "a number", value) }
    return number
  }

  mutating func array(_ key: String) throws(PlanError) -> [JSON] {
    let value = try take(key)
    guard case .array(let values) = value else { throw mismatch(key, "a list", value) }
    return values
  }

  mutating func strings(_ key: String) throws(PlanError) -> [String] {
    var texts: [String] = []
    for value in try array(key) {
      guard case .string(let text) = value else {
        throw mismatch(key, "a list of strings", value)
      }
      texts.append(text)
    }
    return texts
  }

  func finish() throws(PlanError) {
    if let key = members.keys.min() {
      throw PlanError(.unknownKey, "\(place): the key \(quoted(key)) is not known")
    }
  }
}
