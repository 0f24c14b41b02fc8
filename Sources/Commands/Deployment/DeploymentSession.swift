import Activation
import Deployment
import Glibc
import Jobs
import Keyring
import Plan
import SystemFiles
import SystemPackage
import Units

extension DeploymentError: Failure {
  var details: [String] { failures }
}

/// What `switch`, `rollback` and `uninstall` have in common.
struct DeploymentSession {
  let deployment: Deployment
  private let operation: String
  private let console: Console
  private let secrets: MachineSecrets

  /// Fails where nothing can be deployed.
  init(_ operation: String, _ console: Console, allowSwap: Bool, needsSystemd: Bool) throws {
    guard geteuid() == 0 else {
      throw CommandFailure(
        "\(operation): only root can change the machine", hint: "run it with sudo")
    }
    guard (try? FileStatus("/etc/NIXOS")) == nil else {
      throw CommandFailure(
        "\(operation): this is NixOS, whose units are its own to write",
        hint: "the file is a NixOS module: import it there, beside agenix's, and run nixos-rebuild")
    }
    guard !needsSystemd || Systemd.isRunning else {
      throw CommandFailure(
        "\(operation): systemd does not run this machine: there is no /run/systemd/system",
        hint: "`adage activate` installs secrets without it")
    }
    self.operation = operation
    self.console = console
    secrets = MachineSecrets(
      allowSwap: allowSwap, keyring: .asking(TerminalPrompter(console: console)),
      console: console)
    deployment = try Deployment(
      at: Places(program: ""), manager: Systemd(), secrets: secrets)
  }

  func lock() throws -> FileLock {
    try deployment.lock { console.say("waiting for another run to end") }
  }

  /// Fails if a plan cannot be meant.
  func requireSense(of plan: Plan) throws {
    let problems = plan.problems()
    if problems.isEmpty { return }
    throw DeploymentError(
      .noConfiguration, "\(operation): the plan cannot be carried out; nothing was changed",
      failures: problems.map(\.description))
  }

  /// Where things are to be, with a warning if the program is not at a place to stay.
  func places(isRuntime: Bool) throws -> Places {
    let program = try InstalledProgram.current()
    if let flaw = program.flaw {
      console.warn(
        "units will run \(program.path), \(flaw): install adage to /usr/local/bin")
    }
    return isRuntime ? .untilRestart(program: program.path) : Places(program: program.path)
  }

  /// What the machine needs to have the plan's secrets when it boots.
  func boot(of plan: Plan, at places: Places) -> Boot {
    let root = try? FileStatus("/").device
    let needed = Boot.needs(plan, places) + ["/etc"]
    return Boot(
      isEarly: needed.allSatisfy { path in
        // One that is missing is nowhere else.
        (try? FileStatus(FilePath(path)).device).map { $0 == root } ?? true
      }, lateSecrets: Set(secrets.secretsThatAsk(plan)),
      allowsSwap: secrets.allowSwap)
  }

  /// Says what changes, and changes it.
  func carryOut(_ change: DeploymentChange, isDryRun: Bool) async throws {
    for line in change.difference.lines {
      try console.print("\(line.kind.rawValue) \(line.subject)\n")
    }
    for path in change.kept {
      console.warn("\(path) is not wanted any more, but was changed since: it stays")
    }
    if isDryRun {
      if change.isEmpty { console.say("nothing would change") }
      return
    }
    if change.isEmpty {
      return try activateIfNeeded(change)
    }
    let report = try await deployment.apply(change)
    do throws(JobError) {
      try StateStore().expect(change.plan.jobs.map(\.name))
    } catch {
      console.warn(error.reason)
    }
    console.warnIfUnlocked()
    tell(report)
  }

  private func activateIfNeeded(_ change: DeploymentChange) throws {
    if try change.plan.secrets.isEmpty || secrets.areInstalled(change.plan) {
      console.say("nothing to do: the machine is as it should be")
      return
    }
    try secrets.activate(change.plan)
    console.say("activated the secrets; nothing else was to be done")
  }

  private func tell(_ report: DeploymentReport) {
    let steps = report.steps
    for (verb, units) in [
      ("stopped", steps.stop), ("restarted", steps.restart), ("reloaded", steps.reload),
      ("started", steps.start),
    ] {
      for unit in units { console.detail("\(verb) \(unit)") }
    }
    console.say("configuration \(report.configuration) is live")
  }
}
