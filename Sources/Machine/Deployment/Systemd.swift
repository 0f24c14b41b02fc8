internal import Programs
internal import SystemFiles
package import SystemPackage

/// The system's service manager, by its own commands.
package struct Systemd: Manager {
  package init() {}

  /// Whether it is what started this machine.
  package static var isRunning: Bool {
    (try? FileStatus("/run/systemd/system", followingLinks: false))?.kind == .directory
  }

  package func states(of units: [String]) async throws(DeploymentError) -> [String: UnitState] {
    if units.isEmpty { return [:] }
    let output = try await run(
      "systemctl", ["show", "--property=Id,ActiveState", "--"] + units)
    guard output.ending.isSuccess else {
      throw failure("systemctl show", output)
    }
    var states: [String: UnitState] = [:]
    var name: Substring?
    var active: Substring?
    for line in output.text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("Id=") { name = line.dropFirst(3) }
      if line.hasPrefix("ActiveState=") { active = line.dropFirst(12) }
      if let known = name, let state = active {
        states[String(known)] = UnitState(active: String(state))
        (name, active) = (nil, nil)
      }
    }
    return states
  }

  package func reload() async throws(DeploymentError) {
    let output = try await run("systemctl", ["daemon-reload"])
    guard output.ending.isSuccess else { throw failure("systemctl daemon-reload", output) }
  }

  package func perform(
    _ action: UnitAction, on units: [String]
  ) async throws(DeploymentError) {
    if units.isEmpty { return }
    let output = try await run("systemctl", [action.rawValue, "--"] + units)
    guard output.ending.isSuccess else {
      throw failure("systemctl \(action.rawValue)", output)
    }
  }

  package func complaints(
    about units: [String], in directory: FilePath
  ) async throws(DeploymentError) -> [String] {
    if units.isEmpty { return [] }
    var arguments = ["verify", "--man=no", "--recursive-errors=no", "--"] + units
    // A colon at the end stands for the directories that it has by itself.
    let variables = ["SYSTEMD_UNIT_PATH": "\(directory):"]
    var output = try await run("systemd-analyze", arguments, variables)
    if output.errors.contains("unrecognized option '--recursive-errors") {
      // Before systemd 250.
      arguments.remove(at: 2)
      output = try await run("systemd-analyze", arguments, variables)
    }
    let lines = output.errors.split(separator: "\n").map(String.init)
    // It also speaks of what others have, and of ours it says much without failing.
    let names = Set(units)
    let ours = lines.filter { line in
      line.contains("\(directory)/") || mentions(names, line)
    }
    return ours.isEmpty && !output.ending.isSuccess ? lines : ours
  }

  private func mentions(_ units: Set<String>, _ line: String) -> Bool {
    line.split(separator: " ").contains { word in
      let word = word.hasSuffix(":") ? word.dropLast() : word
      return units.contains(String(word.prefix { $0 != "/" }))
    }
  }

  package func makeTemporaryFiles(_ file: String) async throws(DeploymentError) {
    let output = try await run("systemd-tmpfiles", ["--create", file])
    guard output.ending.isSuccess else { throw failure("systemd-tmpfiles", output) }
  }

  private func run(
    _ program: String, _ arguments: [String], _ changes: [String: String] = [:]
  ) async throws(DeploymentError) -> Program.Output {
    var variables = [
      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
      "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "SYSTEMD_LOG_LEVEL": "info",
      "SYSTEMD_LOG_TARGET": "console",
    ]
    variables.merge(changes) { $1 }
    do {
      return try await Program(program, arguments, environment: variables).output(limit: 16 << 20)
    } catch {
      throw DeploymentError(error)
    }
  }

  private func failure(_ command: String, _ output: Program.Output) -> DeploymentError {
    DeploymentError(
      .manager, "\(command): \(output.ending)",
      failures: output.errors.split(separator: "\n").map(String.init))
  }
}
