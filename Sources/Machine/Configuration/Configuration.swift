internal import NixExpression
package import Plan
internal import SystemFiles
package import SystemPackage

/// What a configuration's file says: the plan that it makes, and what else it sets.
package struct Configuration: Sendable {
  package let plan: Plan
  /// What the configuration wants its user to know.
  package let warnings: [String]
  /// The paths of the options that nothing here applies, sorted.
  package let notApplied: [String]

  /// How root is protected from what a configuration reads.
  package struct Rules: Sendable {
    /// Whether root may read outside of the configuration's repository.
    package var allowRead: Bool
    /// What `builtins.getEnv` sees, unless root evaluates.
    package var environment: [String: String]

    package init(allowRead: Bool = false, environment: [String: String] = [:]) {
      self.allowRead = allowRead
      self.environment = environment
    }
  }

  /// How much of a configuration is read.
  package enum Extent: Sendable {
    /// Its secrets: what only units and jobs need may be missing on the machine.
    case secrets
    case everything
  }

  /// Reads a configuration: a plan as JSON, if the file's name ends in `.json` or it begins with a
  /// brace, a string and a colon, which no expression does; else a module.
  ///
  /// - Parameter onTrace: is given what the configuration says with `builtins.trace`.
  package static func read(
    _ file: FilePath, _ extent: Extent = .everything, machine: any Machine, rules: Rules = Rules(),
    onTrace: @escaping (String) -> Void = { _ in }
  ) throws(ConfigurationError) -> Configuration {
    let world = try ConfigurationWorld(
      for: file, machine: machine, rules: rules, onTrace: onTrace)
    if let text = try planText(file, world) { return try plan(text, file) }
    return try world.explaining { () throws(NixError) in
      let evaluation = try Evaluation(
        of: world.file, in: world, machine: machine, isPlanned: true)
      return try evaluation.evaluator.run { () throws(NixError) in
        try evaluation.check()
        // An option that is wrong is said before what follows from it.
        let plan = try evaluation.plan(extent)
        try evaluation.requireAssertions()
        return Configuration(
          plan: plan, warnings: try evaluation.warnings(), notApplied: try evaluation.notApplied())
      }
    }
  }

  /// The file's text, if it is a plan.
  private static func planText(
    _ file: FilePath, _ world: ConfigurationWorld
  ) throws(ConfigurationError) -> [UInt8]? {
    let text = try world.explaining { () throws(NixError) in try world.readFile(world.file) }
    return file.extension == "json" || isJSONObject(text) ? text : nil
  }

  private static func plan(
    _ text: [UInt8], _ file: FilePath
  ) throws(ConfigurationError) -> Configuration {
    do {
      return Configuration(plan: try Plan(json: text), warnings: [], notApplied: [])
    } catch {
      throw ConfigurationError(.plan, "\(printable(file.string)): \(error)")
    }
  }

  /// Whether a text begins as an object that has a key.
  static func isJSONObject(_ text: [UInt8]) -> Bool {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
    var rest = text.drop(while: isSpace)
    guard rest.popFirst() == UInt8(ascii: "{") else { return false }
    rest = rest.drop(while: isSpace)
    guard rest.popFirst() == UInt8(ascii: "\"") else { return false }
    rest = rest.drop { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\n") }
    guard rest.popFirst() == UInt8(ascii: "\"") else { return false }
    return rest.drop(while: isSpace).first == UInt8(ascii: ":")
  }
}

extension ConfigurationWorld {
  /// The world of a configuration for a machine.
  convenience init(
    for file: FilePath, machine: any Machine, rules: Configuration.Rules,
    onTrace: @escaping (String) -> Void
  ) throws(ConfigurationError) {
    let isRoot = machine.runningUser.id == 0
    try self.init(
      for: file, isRoot: isRoot, invokingUser: machine.invokingUser, allowRead: rules.allowRead,
      environment: { isRoot ? nil : rules.environment[$0] }, onTrace: onTrace)
  }

  /// Runs a body whose errors become those of a configuration: why a file was refused, if one was.
  func explaining<Result>(
    _ body: () throws(NixError) -> Result
  ) throws(ConfigurationError) -> Result {
    do throws(NixError) {
      return try body()
    } catch {
      throw refusal ?? ConfigurationError(evaluating: error)
    }
  }
}
