internal import NixExpression
package import Plan
internal import SystemFiles
package import SystemPackage

/// What a configuration's file says: the plan that its `age.*` options make, and what else it sets.
package struct Configuration: Sendable {
  package let plan: Plan
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

  /// Reads a configuration: a plan as JSON, if the file's name ends in `.json` or it begins with a
  /// brace, a string and a colon, which no expression does; else a module.
  ///
  /// - Parameter onTrace: is given what the configuration says with `builtins.trace`.
  package static func read(
    _ file: FilePath, machine: any Machine, rules: Rules = Rules(),
    onTrace: @escaping (String) -> Void = { _ in }
  ) throws(ConfigurationError) -> Configuration {
    let isRoot = machine.runningUser.id == 0
    let world = try ConfigurationWorld(
      for: file, isRoot: isRoot, invokingUser: machine.invokingUser, allowRead: rules.allowRead,
      environment: { isRoot ? nil : rules.environment[$0] }, onTrace: onTrace)
    let text: [UInt8]
    do throws(NixError) {
      text = try world.readFile(world.file)
    } catch {
      throw world.refusal ?? ConfigurationError(.evaluation, "\(error)", cause: error)
    }
    if file.extension == "json" || isJSONObject(text) { return try plan(text, file) }
    do throws(NixError) {
      return try evaluate(world.file, world, machine)
    } catch {
      throw world.refusal ?? ConfigurationError(.evaluation, "\(error)", cause: error)
    }
  }

  private static func plan(
    _ text: [UInt8], _ file: FilePath
  ) throws(ConfigurationError) -> Configuration {
    do {
      return Configuration(plan: try Plan(json: text), notApplied: [])
    } catch {
      throw ConfigurationError(.plan, "\(printable(file.string)): \(error)")
    }
  }

  private static func evaluate(
    _ file: String, _ world: ConfigurationWorld, _ machine: any Machine
  ) throws(NixError) -> Configuration {
    let evaluator = Evaluator(world: world)
    return try evaluator.run { () throws(NixError) in
      let modules = try Modules(
        file: file, evaluator: evaluator, world: world, machine: machine)
      return Configuration(plan: try modules.plan(), notApplied: modules.unappliedOptions())
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
