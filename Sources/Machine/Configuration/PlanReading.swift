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

  /// The plan that the configuration makes.
  func plan(_ extent: Configuration.Extent) throws(NixError) -> Plan {
    let age = try value("config", "age")
    var plan = Plan(
      identityPaths: try each(age, "identityPaths") { path throws(NixError) in try text(path) },
      secretsDirectory: try text(age, "secretsDir"),
      secretsMountPoint: try text(age, "secretsMountPoint"),
      secrets: try evaluator.attributes(try evaluator.select(age, ["secrets"]))
        .map { secret throws(NixError) in try planned(secret: secret.value) })
    guard extent == .everything else { return plan }
    let result = try value("plan")
    plan.units = try each(result, "units", planned(unit:))
    plan.jobs = try each(result, "jobs", planned(job:))
    plan.temporaryFiles = try texts(result, "temporaryFiles")
    // Last, because what was read made them.
    plan.files = try files.files.map { path, file throws(NixError) in
      guard let text = String(validating: file.text, as: UTF8.self) else {
        throw NixError(.argument, "the text of the file \(path) is not UTF-8")
      }
      return PlannedFile(path: path, text: text, isExecutable: file.isExecutable)
    }
    return plan
  }

  private func planned(secret: Value) throws(NixError) -> PlannedSecret {
    PlannedSecret(
      name: try text(secret, "name"), file: try text(secret, "file"),
      path: try text(secret, "path"),
      mode: try text(secret, "mode"), owner: try text(secret, "owner"),
      group: try text(secret, "group"), symlink: try bool(secret, "symlink"))
  }

  private func planned(unit: Value) throws(NixError) -> PlannedUnit {
    var sections = try each(unit, "sections") { section throws(NixError) in
      UnitSection(
        try text(section, "name"),
        try each(section, "settings") { setting throws(NixError) in
          UnitSetting(try text(setting, "key"), try text(setting, "value"))
        })
    }
    let variables = try environment(unit).sorted { $0.key < $1.key }.map { variable in
      UnitSetting("Environment", unitLiteral("\(variable.key)=\(variable.value)"))
    }
    if let last = sections.indices.last {
      sections[last].settings.insert(contentsOf: variables, at: 0)
    }
    let name = try text(unit, "name")
    guard let change = UnitChange(rawValue: try text(unit, "whenChanged")) else {
      throw NixError(.argument, "the unit \(name) changes in no way that is known")
    }
    return PlannedUnit(
      name: name, isEnabled: try bool(unit, "enable"), isDropIn: try bool(unit, "dropIn"),
      sections: sections, aliases: try texts(unit, "aliases"),
      wantedBy: try texts(unit, "wantedBy"), requiredBy: try texts(unit, "requiredBy"),
      upheldBy: try texts(unit, "upheldBy"), whenChanged: change)
  }

  private func planned(job: Value) throws(NixError) -> PlannedJob {
    PlannedJob(
      name: try text(job, "name"), user: try text(job, "user"),
      isDynamic: try bool(job, "dynamicUser"), group: try optionalText(job, "group"),
      supplementaryGroups: try texts(job, "supplementaryGroups"),
      restic: try text(job, "restic"), environment: try environment(job),
      environmentFiles: try texts(job, "environmentFiles"),
      source: PlannedJob.Source(
        paths: try texts(job, "paths"), dynamicPaths: try optionalText(job, "dynamicFilesFrom"),
        exclude: try texts(job, "exclude"), command: try texts(job, "command")),
      backupArguments: try texts(job, "extraBackupArgs"),
      options: try texts(job, "extraOptions"), initialize: try bool(job, "initialize"),
      pruneOptions: try texts(job, "pruneOpts"),
      checkOptions: try optional(job, "checkOpts", strings),
      prepareCommand: try optionalText(job, "backupPrepareCommand"),
      cleanupCommand: try optionalText(job, "backupCleanupCommand"),
      inhibitsSleep: try bool(job, "inhibitsSleep"), strictPaths: try bool(job, "strictPaths"),
      maximumAge: try optional(job, "maximumAge") { age throws(NixError) in
        Int(try evaluator.int(age))
      },
      hasWrapper: try bool(job, "wrapper"), isHardened: try bool(job, "hardened"),
      usesCredentials: try bool(job, "credentials"),
      notices: PlannedJob.Notices(
        desktop: try optional(job, "notifyDesktop", strings),
        command: try optionalText(job, "notifyCommand"),
        url: try optionalText(job, "notifyUrl"), urlFile: try optionalText(job, "notifyUrlFile")))
  }

  /// Environment variables, with no directory twice in `PATH`: many packages are in one here.
  private func environment(_ set: Value) throws(NixError) -> [String: String] {
    var variables: [String: String] = [:]
    for (name, value) in try evaluator.attributes(try evaluator.select(set, ["environment"])) {
      variables[name] = try text(value)
    }
    if let path = variables["PATH"] {
      var seen: Set<Substring> = []
      variables["PATH"] = path.split(separator: ":").filter { seen.insert($0).inserted }
        .joined(separator: ":")
    }
    return variables
  }

  // MARK: Values

  private func each<Result>(
    _ set: Value, _ name: String, _ read: (Value) throws(NixError) -> Result
  ) throws(NixError) -> [Result] {
    try evaluator.list(try evaluator.select(set, [name])).map(read)
  }

  private func bool(_ set: Value, _ name: String) throws(NixError) -> Bool {
    try evaluator.bool(try evaluator.select(set, [name]))
  }

  private func texts(_ set: Value, _ name: String) throws(NixError) -> [String] {
    try strings(try evaluator.select(set, [name]))
  }

  /// nil for null.
  private func optional<Result>(
    _ set: Value, _ name: String, _ read: (Value) throws(NixError) -> Result
  ) throws(NixError) -> Result? {
    let value = try evaluator.select(set, [name])
    return try evaluator.type(of: value) == .null ? nil : try read(value)
  }

  private func optionalText(_ set: Value, _ name: String) throws(NixError) -> String? {
    try optional(set, name) { value throws(NixError) in try text(value) }
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

/// A text in quotes for a unit file, whose specifiers systemd expands (systemd.syntax(7), "Quoting").
private func unitLiteral(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
