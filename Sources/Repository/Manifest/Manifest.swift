package import NixExpression
package import SystemPackage

/// `secrets.nix`: an expression whose value maps the files of a repository to their rules.
///
/// It is evaluated as lazily as Nix would: what is wrong with one rule does not keep the others from
/// being used.
package final class Manifest {
  /// A function that makes what `nix-instantiate` can print of a manifest: only what rules consist of.
  package static let asJSON = """
    { path }: builtins.mapAttrs
      (name: rule: { publicKeys = rule.publicKeys; armor = rule.armor or false; }) (import path)
    """

  /// The manifest's own path, absolute.
  package let path: FilePath
  /// Where the files of the rules are.
  package let directory: FilePath
  /// The names of the rules, sorted.
  package let names: [String]

  private let evaluator: Evaluator
  private let value: Value

  /// Evaluates the expression in a file, as far as to know the rules' names.
  package convenience init(
    contentsOf path: FilePath, world: any EvaluationWorld
  ) throws(ManifestError) {
    try self.init(path, Evaluator(world: world)) { evaluator throws(NixError) in
      try evaluator.evaluate(file: path.string)
    }
  }

  /// What `body` makes of the manifest in a file, in one run of the evaluator: each costs a thread.
  ///
  /// - Parameter meanwhile: what the calling thread does while the manifest is evaluated.
  package static func reading<Result>(
    _ path: FilePath, world: any EvaluationWorld, meanwhile: () -> Void,
    _ body: (Manifest) throws(ManifestError) -> Result
  ) throws(ManifestError) -> Result {
    let evaluator = Evaluator(world: world)
    let result: Swift.Result<Result, ManifestError>
    do throws(NixError) {
      result = try evaluator.run(meanwhile: meanwhile) { () throws(NixError) in
        Swift.Result { () throws(ManifestError) in
          try body(
            try Manifest(path, evaluator) { evaluator throws(NixError) in
              try evaluator.evaluate(file: path.string)
            })
        }
      }
    } catch {
      throw ManifestError(error, evaluating: path)
    }
    return try result.get()
  }

  /// Takes what `asJSON` made of a manifest.
  package convenience init(json: String, at path: FilePath) throws(ManifestError) {
    try self.init(path, Evaluator()) { evaluator throws(NixError) in
      let fromJSON = try evaluator.evaluate(
        source: "builtins.fromJSON", name: "manifest", directory: "/")
      return try evaluator.apply(fromJSON, to: evaluator.makeString(json))
    }
  }

  private init(
    _ path: FilePath, _ evaluator: Evaluator, _ evaluate: (Evaluator) throws(NixError) -> Value
  ) throws(ManifestError) {
    self.path = path
    directory = path.removingLastComponent()
    self.evaluator = evaluator
    do throws(NixError) {
      value = try evaluate(evaluator)
      names = try evaluator.attributeNames(value)
    } catch {
      throw ManifestError(error, evaluating: path)
    }
  }

  /// All rules, sorted by name, or why there is none.
  ///
  /// - Throws: `ManifestError` with the code `.unavailable` if any needs what only Nix has.
  package func rules() throws(ManifestError) -> [Result<Rule, ManifestError>] {
    let results: [Result<Rule, ManifestError>]
    do throws(NixError) {
      // One run of the evaluator for all of them.
      results = try evaluator.run { () throws(NixError) in
        names.map { name in Result { () throws(ManifestError) in try rule(named: name) } }
      }
    } catch {
      throw ManifestError(error, evaluating: path)
    }
    for case .failure(let error) in results where error.code == .unavailable { throw error }
    return results
  }

  /// The rule of a name that is in the manifest.
  package func rule(named name: String) throws(ManifestError) -> Rule {
    let file = try RulePath.file(of: name, in: directory)
    do throws(NixError) {
      return try evaluator.run { () throws(NixError) in
        let rule = try evaluator.select(value, [name])
        let keys = try evaluator.list(try evaluator.select(rule, ["publicKeys"]))
        let armor = try evaluator.attribute("armor", of: rule)
        var publicKeys: [String] = []
        for key in keys { publicKeys.append(try evaluator.string(key)) }
        let isArmored =
          try armor.map { value throws(NixError) in try evaluator.bool(value) } ?? false
        return Rule(name: name, file: file, publicKeys: publicKeys, isArmored: isArmored)
      }
    } catch {
      throw ManifestError(error, evaluating: path, rule: name)
    }
  }

  /// The name of the rule for a file that a person names.
  ///
  /// - Parameters:
  ///   - typed: a path, relative to the current directory or to the manifest's.
  ///   - currentDirectory: an absolute path.
  /// - Throws: `ManifestError` with the code `.noRule`.
  package func name(
    of typed: String, currentDirectory: FilePath
  ) throws(ManifestError) -> String {
    let meanings = RulePath.meanings(
      of: typed, currentDirectory: currentDirectory, manifestDirectory: directory)
    for meaning in meanings {
      var relative = meaning
      if relative.removePrefix(directory), names.contains(relative.string) {
        return relative.string
      }
      // The manifest itself may spell a name in another way than the shortest.
      if let name = names.first(where: { RulePath.isFile(meaning, of: $0, in: directory) }) {
        return name
      }
    }
    // A rule that cannot be used says why.
    if names.contains(typed) { _ = try RulePath.file(of: typed, in: directory) }
    let nearest = nearestName(to: FilePath(typed).lexicallyNormalized().string, among: names)
    throw ManifestError(
      .noRule, "there is no rule for \(typed) in \(path)",
      hint: nearest.map { "did you mean '\($0)'?" } ?? "add a rule with its public keys")
  }
}
