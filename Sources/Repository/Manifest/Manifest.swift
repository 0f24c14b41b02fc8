package import NixExpression
package import SystemPackage

/// `secrets.nix`: an expression whose value maps the files of a repository to their rules.
///
/// It is evaluated as lazily as Nix would: what is wrong with one rule does not keep the others from
/// being used.
package final class Manifest {
  /// The manifest's own path, absolute.
  package let path: FilePath
  /// Where the files of its rules are.
  package let directory: FilePath
  /// The names of the rules, sorted.
  package let names: [String]

  private let evaluator: Evaluator
  private let rules: Value

  /// Evaluates the expression in a file, as far as to know the rules' names.
  package convenience init(
    contentsOf path: FilePath, world: any EvaluationWorld
  ) throws(ManifestError) {
    let evaluator = Evaluator(world: world)
    do throws(NixError) {
      var value = try evaluator.evaluate(file: path.string)
      // agenix evaluates `import RULES`, which is a set; a function of one set is no manifest.
      value = try evaluator.force(value)
      try self.init(path: path, evaluator: evaluator, rules: value)
    } catch {
      throw ManifestError(error, evaluating: path)
    }
  }
}
