internal import NixExpression
internal import Plan

extension Evaluation {
  /// Fails if something does not hold that the modules assert.
  func requireAssertions() throws(NixError) {
    let failed = try failedAssertions()
    if failed.isEmpty { return }
    throw NixError(
      .assertion, (["the configuration contradicts itself"] + failed).joined(separator: "\n"))
  }

  /// The plan that the values of `age.*` make.
  func plan() throws(NixError) -> Plan {
    let age = try value("config", "age")
    let secrets = try evaluator.attributes(try evaluator.select(age, ["secrets"]))
    return Plan(
      identityPaths: try evaluator.list(try evaluator.select(age, ["identityPaths"]))
        .map { path throws(NixError) in try text(path) },
      secretsDirectory: try text(age, "secretsDir"),
      secretsMountPoint: try text(age, "secretsMountPoint"),
      secrets: try secrets.map { secret throws(NixError) in try planned(secret.value) })
  }

  private func planned(_ secret: Value) throws(NixError) -> PlannedSecret {
    PlannedSecret(
      name: try text(secret, "name"), file: try text(secret, "file"),
      path: try text(secret, "path"),
      mode: try text(secret, "mode"), owner: try text(secret, "owner"),
      group: try text(secret, "group"),
      symlink: try evaluator.bool(try evaluator.select(secret, ["symlink"])))
  }

  private func text(_ set: Value, _ name: String) throws(NixError) -> String {
    try text(try evaluator.select(set, [name]))
  }

  /// A string, or the text of a path.
  private func text(_ value: Value) throws(NixError) -> String {
    if try evaluator.type(of: value) == .path { return try evaluator.path(value) }
    return try string(value)
  }
}
