import Foundation
import Plan
import SystemPackage
import Testing

@testable import Commands

/// A repository `secrets` in the sandbox, whose machine has the key in the sandbox's home.
@Suite struct RecoveryWarningTests {
  private let elsewhere = "age1yjc0s53tm72zqplr23dm2kvecucyv5d7mpy5sjsdqqymkjy56q9q0549aq"

  private func plan(_ sandbox: borrowing Sandbox, password: String = "restic/password.age") -> Plan
  {
    let folder = sandbox.folder.path
    var plan = Plan(
      identityPaths: ["\(folder)/home/.ssh/id_ed25519"],
      secrets: [
        PlannedSecret(
          name: "password", file: "\(folder)/secrets/\(password)", path: "/run/agenix/password")
      ])
    plan.jobs = [
      PlannedJob(
        name: "daily", restic: "/usr/bin/restic",
        environment: ["RESTIC_PASSWORD_FILE": "/run/agenix/password"])
    ]
    return plan
  }

  private func warning(_ sandbox: borrowing Sandbox, in folder: String = "secrets") -> String? {
    let file = FilePath(sandbox.folder.path).appending(folder).appending("backup.nix")
    return RecoveryWarning.text(for: plan(sandbox), configuration: file)
  }

  private func expect(
    isSilent: Bool, _ sandbox: borrowing Sandbox, in folder: String = "secrets",
    at place: SourceLocation = #_sourceLocation
  ) {
    let found = warning(sandbox, in: folder)
    #expect((found == nil) == isSilent, sourceLocation: place)
  }

  private func write(_ keys: String, _ sandbox: borrowing Sandbox) throws {
    let text = """
      let user = builtins.readFile ./user.pub; in
      { "restic/password.age".publicKeys = [ \(keys) ]; "other".publicKeys = throw "never"; }
      """
    _ = try sandbox.run("mkdir -p secrets/restic; cp home/.ssh/id_ed25519.pub secrets/user.pub")
    try Data(text.utf8).write(to: sandbox.folder.appending(path: "secrets/secrets.nix"))
  }

  @Test func keysOfThisMachineAloneAreToldOf() throws {
    let sandbox = try Sandbox()
    try write("user", sandbox)
    let found = warning(sandbox)
    let text = try #require(found)
    #expect(
      text.hasPrefix("every key that reads the password of the backup daily is on this machine"))
    #expect(text.contains("adage keygen"))
  }

  @Test func oneElsewhereIsEnough() throws {
    let sandbox = try Sandbox()
    try write("user \"\(elsewhere)\"", sandbox)
    expect(isSilent: true, sandbox)
  }

  @Test func aRecoveryKeyCountsOnceItIsMoved() throws {
    let sandbox = try Sandbox()
    try write("user \"\(elsewhere)\"", sandbox)
    _ = try sandbox.run("cp keys/age.txt secrets/recovery-key.txt")
    let found = warning(sandbox)
    let text = try #require(found)
    #expect(text.contains("move \(sandbox.folder.path)/secrets/recovery-key.txt to a place"))
    _ = try sandbox.run("mv secrets/recovery-key.txt elsewhere")
    expect(isSilent: true, sandbox)
  }

  @Test func theManifestIsBelowTheConfigurationsFolder() throws {
    let sandbox = try Sandbox()
    try write("user", sandbox)
    expect(isSilent: false, sandbox, in: ".")
    _ = try sandbox.run("mkdir secrets/machines")
    expect(isSilent: true, sandbox, in: "secrets/restic")
  }

  @Test func withoutAManifestOrARuleThereIsNothingToSay() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run("mkdir -p secrets/restic")
    expect(isSilent: true, sandbox)
    try Data("{ }".utf8).write(to: sandbox.folder.appending(path: "secrets/secrets.nix"))
    expect(isSilent: true, sandbox)
    try Data("{".utf8).write(to: sandbox.folder.appending(path: "secrets/secrets.nix"))
    expect(isSilent: true, sandbox)
  }
}
