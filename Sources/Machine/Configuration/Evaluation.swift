internal import NixExpression
internal import NixLibrary
internal import Plan

/// A configuration whose modules were put together with adage's own, and whose values are asked for one by one.
///
/// Not safe for use by two threads at once.
package final class Evaluation {
  let evaluator: Evaluator
  let machine: any Machine
  let files: GeneratedFiles
  private let world: ConfigurationWorld
  private let references: PackageReferences
  /// What `evaluate.nix` gives.
  private let result: Value

  /// - Parameters:
  ///   - file: the user's module; nil to look at the options alone.
  ///   - isPlanned: whether services are as they are carried out here, or as NixOS has them.
  init(
    of file: String?, in world: ConfigurationWorld, machine: any Machine, isPlanned: Bool
  ) throws(NixError) {
    self.machine = machine
    self.world = world
    let evaluator = Evaluator(world: world)
    let references = PackageReferences(machine: machine)
    let files = GeneratedFiles(directory: Plan.filesDirectory, references: references)
    result = try evaluator.run { () throws(NixError) in
      let evaluate = try evaluator.evaluate(file: "\(NixLibrary.modules)/evaluate.nix")
      return try evaluator.apply(
        evaluate,
        to: evaluator.makeAttributes([
          ("lib", try evaluator.evaluate(file: "\(NixLibrary.directory)/lib")),
          ("machine", MachineValue(machine: machine, evaluator: evaluator, files: files).make()),
          ("planned", .bool(isPlanned)),
          ("modules", evaluator.makeList(file.map { [evaluator.makePath($0)] } ?? [])),
        ]))
    }
    self.evaluator = evaluator
    self.references = references
    self.files = files
  }

  /// A value of the result, by the names on the way to it.
  func value(_ path: String...) throws(NixError) -> Value { try evaluator.select(result, path) }

  /// Fails if a name is not known where all names are.
  func check() throws(NixError) { _ = try evaluator.bool(try value("check")) }

  /// Runs a body whose errors become those of a configuration.
  func explaining<Result>(
    _ body: () throws(NixError) -> Result
  ) throws(ConfigurationError) -> Result {
    try world.explaining { () throws(NixError) in try evaluator.run(body) }
  }

  // MARK: What a configuration says of itself

  func failedAssertions() throws(NixError) -> [String] {
    try strings(try value("failedAssertions"))
  }

  func warnings() throws(NixError) -> [String] { try strings(try value("warnings")) }

  func strings(_ list: Value) throws(NixError) -> [String] {
    try evaluator.list(list).map { value throws(NixError) in try string(value) }
  }

  /// A string as the machine has it: packages stand for paths.
  func string(_ value: Value) throws(NixError) -> String {
    try references.resolve(try evaluator.string(value))
  }

  /// A value as JSON, with the machine's paths.
  func json(_ value: Value) throws(NixError) -> [UInt8] {
    try references.resolve(try evaluator.jsonBytes(value))
  }
}
