/// Takes the members of an object one by one, so that what is left over at the end is unknown.
package struct ObjectReader {
  private var members: [String: JSON] = [:]
  let place: String

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

  package mutating func string(_ key: String) throws(PlanError) -> String {
    let value = try take(key)
    guard case .string(let text) = value else { throw mismatch(key, "a string", value) }
    return text
  }

  package mutating func optionalString(_ key: String) throws(PlanError) -> String? {
    try isNull(key) ? nil : try string(key)
  }

  package mutating func optionalInteger(_ key: String) throws(PlanError) -> Int? {
    try isNull(key) ? nil : try integer(key)
  }

  package mutating func optionalStrings(_ key: String) throws(PlanError) -> [String]? {
    try isNull(key) ? nil : try strings(key)
  }

  /// Takes the value if it is null, which stands for what is not there.
  private mutating func isNull(_ key: String) throws(PlanError) -> Bool {
    guard members[key] == .null else { return false }
    members[key] = nil
    return true
  }

  /// One of the values of an enumeration.
  package mutating func choice<Choice: RawRepresentable<String>>(
    _ key: String
  ) throws(PlanError) -> Choice {
    let text = try string(key)
    guard let choice = Choice(rawValue: text) else {
      throw PlanError(.type, "\(place): \(key): \(quoted(text)) is none of its values")
    }
    return choice
  }

  /// An object whose values are strings.
  package mutating func texts(_ key: String) throws(PlanError) -> [String: String] {
    let value = try take(key)
    guard case .object(let pairs) = value else { throw mismatch(key, "an object", value) }
    var texts: [String: String] = [:]
    for (name, value) in pairs {
      guard case .string(let text) = value else {
        throw mismatch(key, "an object of strings", value)
      }
      texts[name] = text
    }
    return texts
  }

  /// An object, read by a body that is given its reader.
  package mutating func object<Result>(
    _ key: String, _ read: (inout ObjectReader) throws(PlanError) -> Result
  ) throws(PlanError) -> Result {
    try Self.read(try take(key), at: "\(place): \(key)", read)
  }

  /// A list of objects, each read by a body that is given its reader.
  package mutating func objects<Result>(
    _ key: String, _ read: (inout ObjectReader) throws(PlanError) -> Result
  ) throws(PlanError) -> [Result] {
    var results: [Result] = []
    let prefix = place == "plan" ? "" : "\(place): "
    for (index, value) in try array(key).enumerated() {
      results.append(try Self.read(value, at: "\(prefix)\(key)[\(index)]", read))
    }
    return results
  }

  /// The same, where null stands for no list.
  package mutating func optionalObjects<Result>(
    _ key: String, _ read: (inout ObjectReader) throws(PlanError) -> Result
  ) throws(PlanError) -> [Result]? {
    try isNull(key) ? nil : try objects(key, read)
  }

  package static func read<Result>(
    _ value: JSON, at place: String, _ read: (inout ObjectReader) throws(PlanError) -> Result
  ) throws(PlanError) -> Result {
    var reader = try ObjectReader(value, at: place)
    let result = try read(&reader)
    try reader.finish()
    return result
  }

  package mutating func boolean(_ key: String) throws(PlanError) -> Bool {
    let value = try take(key)
    guard case .boolean(let boolean) = value else { throw mismatch(key, "a boolean", value) }
    return boolean
  }

  package mutating func integer(_ key: String) throws(PlanError) -> Int {
    let value = try take(key)
    guard case .integer(let number) = value else { throw mismatch(key, "a number", value) }
    return number
  }

  package mutating func array(_ key: String) throws(PlanError) -> [JSON] {
    let value = try take(key)
    guard case .array(let values) = value else { throw mismatch(key, "a list", value) }
    return values
  }

  package mutating func strings(_ key: String) throws(PlanError) -> [String] {
    var texts: [String] = []
    for value in try array(key) {
      guard case .string(let text) = value else {
        throw mismatch(key, "a list of strings", value)
      }
      texts.append(text)
    }
    return texts
  }

  package func finish() throws(PlanError) {
    if let key = members.keys.min() {
      throw PlanError(.unknownKey, "\(place): the key \(quoted(key)) is not known")
    }
  }
}
