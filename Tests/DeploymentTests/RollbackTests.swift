import Deployment
import Foundation
import Plan
import Synchronization
import TestSupport
import Testing

@Suite struct RollbackTests {
  @Test func theOneBeforeIsLiveAgain() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    let first = try machine.everything()
    try await machine.apply(try plan(machine, secret: "other", command: "/bin/false"))
    let second = try machine.everything()
    try await machine.rollBack()
    #expect(machine.link("/etc/adage/current") == "configurations/1")
    #expect(machine.link("/etc/adage/previous") == "configurations/2")
    #expect(machine.secrets.state.withLock(\.live) == ["1/secrets/a/b.age"])
    let unit = "/etc/systemd/system/reader.service"
    #expect(try machine.everything()[unit] == first[unit])
    try await machine.rollBack()
    let ours = { (path: String, _: String) in !path.hasSuffix("record.json") }
    #expect(try machine.everything().filter(ours) == second.filter(ours))
  }

  @Test func unitsRunTheProgramThatGoesBack() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try await machine.apply(try plan(machine, command: "/bin/false"))
    let deployment = try machine.deployment()
    try await deployment.apply(try deployment.changeBack(program: "/opt/adage"))
    let unit = machine.text("/etc/systemd/system/adage-activate.service")
    #expect(unit?.contains("ExecStart=/opt/adage activate") == true)
  }

  @Test func thereIsNothingToGoBackTo() async throws {
    let machine = try TestMachine()
    #expect(try await failure { try await machine.rollBack() }.code == .noConfiguration)
    try await machine.apply(try plan(machine))
    #expect(try await failure { try await machine.rollBack() }.code == .noConfiguration)
  }

  @Test func uninstallingLeavesNothing() async throws {
    let machine = try TestMachine()
    let before = try machine.everything()
    try await machine.apply(try plan(machine))
    try await machine.apply(try plan(machine, command: "/bin/false"))
    _ = machine.manager.takeLog()
    let report = try await machine.deployment().uninstall(isPurging: false)
    #expect(report.kept.isEmpty && report.failures.isEmpty)
    #expect(report.stopped.contains("tick.timer"))
    #expect(report.removed.contains("/etc/systemd/system/reader.service"))
    let log = machine.manager.takeLog()
    #expect(log.count == 2 && log[0].hasPrefix("stop ") && log[1] == "daemon-reload")
    var after = try machine.everything()
    after["/etc/tmpfiles.d"] = nil
    #expect(after == before)
    #expect(machine.secrets.state.withLock(\.live).isEmpty)
    let error = try await failure {
      _ = try await machine.deployment().uninstall(isPurging: false)
    }
    #expect(error.code == .noConfiguration)
  }

  @Test func uninstallingKeepsWhatIsNotOurs() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try machine.folder.write("etc/systemd/system/reader.service", "mine", mode: 0o644)
    try machine.folder.write("etc/adage/notes", "mine")
    try machine.folder.write("var/lib/adage/status.json", "{}")
    let report = try await machine.deployment().uninstall(isPurging: false)
    #expect(report.kept == ["/etc/adage/notes", "/etc/systemd/system/reader.service"])
    #expect(machine.text("/etc/systemd/system/reader.service") == "mine")
    #expect(machine.text("/etc/adage/notes") == "mine")
    #expect(machine.text("/var/lib/adage/status.json") == "{}")
  }

  @Test func purgingForgetsTheJobs() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try machine.folder.write("var/lib/adage/status.json", "{}")
    _ = try await machine.deployment().uninstall(isPurging: true)
    #expect(try machine.everything()["/var/lib/adage"] == nil)
  }
}
