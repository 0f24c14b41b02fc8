import Deployment
import Foundation
import Plan
import SystemFiles
import Testing

@Suite struct JobTests {
  /// A plan with one job, which reads its password from a secret.
  private func plan(
    _ machine: TestMachine, user: String, mode: String = "0400", owner: String = "0",
    group: String = "0", credentials: Bool = false, service: [UnitSetting] = []
  ) throws -> Plan {
    var plan = Plan(
      identityPaths: ["/etc/ssh/key"],
      secrets: [
        PlannedSecret(
          name: "password", file: try machine.cipher("p"), path: "/run/agenix/password",
          mode: mode, owner: owner, group: group)
      ])
    plan.jobs = [
      PlannedJob(
        name: "daily", user: user, restic: "/usr/bin/restic",
        environment: ["RESTIC_PASSWORD_FILE": "/run/agenix/password"],
        usesCredentials: credentials)
    ]
    plan.units = [
      PlannedUnit(
        name: "restic-backups-daily.service",
        sections: [UnitSection("Service", [UnitSetting("User", user)] + service)],
        whenChanged: .keep)
    ]
    return plan
  }

  @Test(arguments: [
    ("root", "0400", "0", "0"), ("nobody", "0400", "nobody", "0"), ("nobody", "0004", "0", "0"),
    ("nobody", "0440", "0", "nogroup"),
  ])
  func aUserThatCanReadItsPassword(
    _ user: String, _ mode: String, _ owner: String, _ group: String
  ) async throws {
    let machine = try TestMachine()
    try await machine.apply(
      try plan(machine, user: user, mode: mode, owner: owner, group: group))
  }

  @Test(arguments: [
    ("nobody", "0400", "0", "0"), ("nobody", "0040", "nobody", "nogroup"),
    ("nobody", "0440", "0", "0"),
  ])
  func aUserThatCannot(
    _ user: String, _ mode: String, _ owner: String, _ group: String
  ) async throws {
    let machine = try TestMachine()
    let error = try await failure {
      try await machine.apply(
        try plan(machine, user: user, mode: mode, owner: owner, group: group))
    }
    #expect(error.code == .account)
    #expect(
      error.failures == [
        "job daily: user nobody cannot read secret password, which has mode \(mode), owner \(owner) and group \(group)"
      ])
    #expect(try machine.everything()["/etc/adage"] == nil)
  }

  @Test func aUnitMayGiveAGroup() async throws {
    let machine = try TestMachine()
    try await machine.apply(
      try plan(
        machine, user: "nobody", mode: "0440", group: "daemon",
        service: [UnitSetting("SupplementaryGroups", "bin daemon")]))
  }

  @Test func systemdReadsCredentials() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine, user: "nobody", credentials: true))
  }

  @Test func aUserThatIsNotThere() async throws {
    let machine = try TestMachine()
    let error = try await failure {
      try await machine.apply(try plan(machine, user: "no-such-user"))
    }
    #expect(error.code == .account)
    try await machine.apply(
      try plan(
        machine, user: "no-such-user", credentials: true,
        service: [UnitSetting("DynamicUser", "yes")]))
  }
}
