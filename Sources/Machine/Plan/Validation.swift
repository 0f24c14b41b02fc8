extension Plan {
  /// Everything about the plan that cannot be meant, most general first; empty for a good plan.
  package func problems() -> [PlanError] {
    var problems = problemsOfPlaces()
    for secret in secrets { problems += self.problems(of: secret) }
    return problems + conflictsOfNames() + conflictsOfPaths() + problemsOfUnits()
  }

  private func problemsOfPlaces() -> [PlanError] {
    var problems: [PlanError] = []
    if identityPaths.isEmpty && !secrets.isEmpty {
      problems.append(
        PlanError(.noIdentity, "identityPaths is empty: there is no key to open a secret with"))
    }
    for path in identityPaths where !path.hasPrefix("/") || path.contains("\0") {
      problems.append(PlanError(.path, "identity path \(quoted(path)) is not absolute"))
    }
    for (option, path) in [
      ("secretsDir", secretsDirectory), ("secretsMountPoint", secretsMountPoint),
    ] {
      if let reason = flaw(inPath: path) {
        problems.append(PlanError(.path, "\(option) \(quoted(path)) \(reason)"))
      }
    }
    if isSameOrBelow(secretsDirectory, secretsMountPoint)
      || isSameOrBelow(secretsMountPoint, secretsDirectory)
    {
      problems.append(
        PlanError(.conflict, "secretsDir and secretsMountPoint must not contain each other"))
    }
    return problems
  }

  private func problems(of secret: PlannedSecret) -> [PlanError] {
    var problems: [PlanError] = []
    let subject = "secret \(quoted(secret.name)):"
    if let reason = flaw(inName: secret.name) {
      problems.append(PlanError(.name, "\(subject) the name \(reason)"))
    } else if let reason = flaw(inPath: secret.path) {
      // Only with a good name, because a path is made of it.
      problems.append(PlanError(.path, "\(subject) path \(quoted(secret.path)) \(reason)"))
    }
    if !secret.file.hasPrefix("/") || secret.file.contains("\0") {
      problems.append(
        PlanError(.path, "\(subject) file \(quoted(secret.file)) is not an absolute path"))
    }
    for (role, account) in [("owner", secret.owner), ("group", secret.group)]
    where account.isEmpty || account.utf8.contains(where: isControl) {
      problems.append(
        PlanError(.account, "\(subject) \(role) \(quoted(account)) is no name and no number"))
    }
    do {
      _ = try FileMode.parse(secret.mode)
    } catch {
      problems.append(PlanError(.mode, "\(subject) \(error.reason)"))
    }
    return problems
  }

  /// Two secrets of one name, or one whose name is a directory of another's.
  private func conflictsOfNames() -> [PlanError] {
    conflicts(among: secrets.map(\.name)) { first, second in
      first == second
        ? "two secrets have the name \(quoted(first))"
        : "secret \(quoted(first)) is in the way of secret \(quoted(second)), below it"
    }
  }

  /// The same for paths elsewhere, which also keep out of the directories of ours.
  private func conflictsOfPaths() -> [PlanError] {
    let elsewhere = secrets.filter { !isAtDefaultPath($0) && flaw(inPath: $0.path) == nil }
    var problems = conflicts(among: elsewhere.map(\.path)) { first, second in
      first == second
        ? "two secrets have the path \(quoted(first))"
        : "path \(quoted(first)) is in the way of path \(quoted(second)), below it"
    }
    let lock = secretsMountPoint + ".lock"
    for secret in elsewhere {
      let subject = "secret \(quoted(secret.name)): path \(quoted(secret.path))"
      for ours in [secretsDirectory, secretsMountPoint, lock]
      where isSameOrBelow(secret.path, ours) || isSameOrBelow(ours, secret.path) {
        let inside = ours == secretsDirectory && secret.path.hasPrefix(ours + "/")
        problems.append(
          PlanError(
            .conflict,
            inside
              ? "\(subject) is inside secretsDir; set name = \(quoted(String(secret.path.dropFirst(ours.count + 1)))) instead"
              : "\(subject) is in the way of \(ours)"))
        break
      }
    }
    return problems
  }

  /// Equal texts, and texts that another one continues with a slash, in sorted order.
  func conflicts(
    among texts: [String], _ describe: (String, String) -> String
  ) -> [PlanError] {
    var seen: Set<String> = []
    var problems: [PlanError] = []
    for text in texts where !seen.insert(text).inserted {
      problems.append(PlanError(.conflict, describe(text, text)))
    }
    for text in seen.sorted() {
      var parent = text[...]
      while let slash = parent.utf8.lastIndex(of: UInt8(ascii: "/")) {
        parent = parent[..<slash]
        if seen.contains(String(parent)) {
          problems.append(PlanError(.conflict, describe(String(parent), text)))
        }
      }
    }
    return problems
  }
}

/// Whether `path` is `directory` or something below it.
private func isSameOrBelow(_ path: String, _ directory: String) -> Bool {
  // By bytes: a slash and a combining character after it would be one character, and no slash.
  path == directory || path.utf8.starts(with: (directory + "/").utf8)
}

/// What is wrong with a name of a secret; nil if nothing is.
private func flaw(inName name: String) -> String? {
  if name.isEmpty { return "is empty" }
  if name.hasPrefix("/") { return "begins with a slash" }
  if name.hasSuffix("/") { return "ends with a slash" }
  return flaw(inComponentsOf: name[...])
}

/// What is wrong with an absolute path in its shortest form; nil if nothing is.
func flaw(inPath path: String) -> String? {
  guard path.hasPrefix("/") else { return "is not absolute" }
  if path == "/" { return "is the root directory" }
  if path.hasSuffix("/") { return "ends with a slash" }
  return flaw(inComponentsOf: path.dropFirst())
}

private func flaw(inComponentsOf path: Substring) -> String? {
  if path.utf8.contains(where: isControl) { return "contains a control character" }
  if path.utf8.count > 4000 { return "is longer than 4000 bytes" }
  for component in path.utf8.split(
    separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  {
    if component.isEmpty { return "contains two slashes in a row" }
    if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
      return "contains \(quoted(String(Substring(component))))"
    }
    if component.count > 255 { return "has a component longer than 255 bytes" }
  }
  return nil
}

func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }
