internal import NixExpression
internal import SystemFiles

/// The machine as the modules see it: `machine` in `modules/*.nix`.
struct MachineValue {
  let machine: any Machine
  let evaluator: Evaluator
  let files: GeneratedFiles

  /// A set of what can be asked, each answered when it is.
  func make() -> Value {
    let running = machine.runningUser
    let runningSet = evaluator.makeAttributes([
      ("isRoot", .bool(running.id == 0)), ("uid", .int(Int64(running.id))),
      ("gid", .int(Int64(running.id == 0 ? 0 : running.groupID))),
    ])
    return evaluator.makeAttributes([
      ("hostName", lazy { evaluator.makeString($0.hostName) }),
      ("running", runningSet),
      ("runtimeDirectory", machine.runtimeDirectory.map { evaluator.makeString($0) } ?? .null),
      ("identityPaths", lazy { strings($0.defaultIdentityPaths) }),
      ("hostKeys", lazy { evaluator.makeList($0.hostKeys.map(value(of:))) }),
      ("userNames", lazy { strings($0.userNames) }),
      ("groupNames", lazy { strings($0.groupNames) }),
      ("user", function("user", user)),
      ("group", function("group", group)),
      ("packages", evaluator.makeString(PackageReferences.directory)),
      (
        "mainProgram",
        function("mainProgram") { evaluator.makeString(Packages.mainProgram(of: $0)) }
      ),
      ("hasUnit", function("hasUnit") { .bool(hasUnit($0)) }),
      ("writeFile", evaluator.makeFunction("writeFile", write)),
      ("open", evaluator.makeFunction("open", open)),
    ])
  }

  private func lazy(_ body: @escaping (any Machine) -> Value) -> Value {
    evaluator.makeLazy { [machine] _ throws(NixError) in body(machine) }
  }

  private func function(
    _ name: String, _ body: @escaping (String) throws(NixError) -> Value
  ) -> Value {
    evaluator.makeFunction(name) { evaluator, argument throws(NixError) in
      try body(try evaluator.string(argument))
    }
  }

  private func strings(_ texts: [String]) -> Value {
    evaluator.makeList(texts.map { evaluator.makeString($0) })
  }

  // MARK: Accounts and keys

  private func user(_ name: String) throws(NixError) -> Value {
    let user: UserAccount?
    do { user = try machine.user(named: name) } catch { throw NixError(.io, error.description) }
    guard let user else { return .null }
    return evaluator.makeAttributes([
      ("name", evaluator.makeString(user.name)), ("uid", .int(Int64(user.id))),
      ("gid", .int(Int64(user.groupID))),
      ("group", evaluator.makeString(user.group ?? String(user.groupID))),
      ("home", evaluator.makeString(user.home)),
      ("shell", evaluator.makeString(user.shell)),
    ])
  }

  private func group(_ name: String) throws(NixError) -> Value {
    let group: GroupAccount?
    do { group = try machine.group(named: name) } catch { throw NixError(.io, error.description) }
    guard let group else { return .null }
    return evaluator.makeAttributes([
      ("name", evaluator.makeString(group.name)), ("gid", .int(Int64(group.id))),
    ])
  }

  /// Whether a package brought a unit of this name.
  private func hasUnit(_ name: String) -> Bool {
    ["/usr/lib", "/lib"].contains { machine.exists("\($0)/systemd/system/\(name)") }
  }

  private func value(of key: HostKey) -> Value {
    evaluator.makeAttributes([
      ("type", evaluator.makeString(key.type)), ("path", evaluator.makeString(key.path)),
    ])
  }

  // MARK: Functions

  /// `{ name, text, executable, destination }` → the path of the file.
  private func write(
    _ evaluator: Evaluator, _ argument: Value
  ) throws(NixError) -> Value {
    let file = try GeneratedFiles.Request(
      name: evaluator.string(evaluator.select(argument, ["name"])),
      text: evaluator.bytes(evaluator.select(argument, ["text"])),
      isExecutable: evaluator.bool(evaluator.select(argument, ["executable"])),
      destination: evaluator.string(evaluator.select(argument, ["destination"])))
    return evaluator.makeString(try files.add(file))
  }

  /// `{ listed, missing, lookup }` → the listed set, with what `lookup` gives in a list for a name.
  private func open(
    _ evaluator: Evaluator, _ argument: Value
  ) throws(NixError) -> Value {
    let lookup = try evaluator.select(argument, ["lookup"])
    let missing = try evaluator.select(argument, ["missing"])
    return try evaluator.opened(
      try evaluator.select(argument, ["listed"]),
      missing: { [unowned evaluator] name in
        let text = try? evaluator.string(
          try evaluator.apply(missing, to: evaluator.makeString(name)))
        return text ?? "attribute '\(name)' missing"
      },
      { evaluator, name throws(NixError) in
        try evaluator.list(try evaluator.apply(lookup, to: evaluator.makeString(name))).first
      })
  }
}
