import Deployment
import Foundation
import Plan
import Synchronization
import TestSupport
import Testing
import Units

@Suite struct SwitchTests {
  private let units = "/etc/systemd/system"

  @Test func theFirstWritesEverything() async throws {
    let machine = try TestMachine()
    let plan = try plan(machine)
    let report = try await machine.apply(plan)
    #expect(report.configuration == 1)
    #expect(machine.text("\(units)/reader.service")?.contains("AssertPathExists") == true)
    #expect(machine.link("\(units)/timers.target.wants/tick.timer") == "../tick.timer")
    #expect(machine.text("/etc/tmpfiles.d/adage.conf") == "d /srv/x 0755 root root\n")
    #expect(machine.link("/etc/adage/current") == "configurations/1")
    #expect(machine.link("/etc/adage/previous") == nil)
    let secret = "/etc/adage/configurations/1/secrets/a/b.age"
    #expect(machine.text(secret) == "cipher text")
    let everything = try machine.everything()
    #expect(everything[secret]?.hasPrefix("600 ") == true)
    #expect(everything["/etc/adage/configurations/1/secrets"]?.hasPrefix("700 ") == true)
    #expect(everything["/etc/adage/configurations/1/plan.json"]?.hasPrefix("600 ") == true)
    #expect(everything["/etc/adage/record.json"]?.hasPrefix("600 ") == true)
    #expect(everything[plan.files[0].path]?.hasPrefix("755 ") == true)
    let kept = try Plan(json: Array(machine.text("/etc/adage/current/plan.json")!.utf8))
    #expect(kept.secrets[0].file == secret)
    let log = machine.manager.takeLog()
    #expect(log.prefix(2) == ["tmpfiles /etc/tmpfiles.d/adage.conf", "daemon-reload"])
    #expect(log.count == 3 && log[2].hasPrefix("start ") && log[2].contains("tick.timer"))
    #expect(!log[2].contains("reader.service"))
  }

  @Test func theSecondChangesNothing() async throws {
    let machine = try TestMachine()
    let plan = try plan(machine)
    try await machine.apply(plan)
    let before = try machine.everything()
    let change = try machine.change(to: plan)
    #expect(change.isEmpty && change.difference.lines.isEmpty)
    #expect(try machine.everything() == before)
  }

  @Test func whatChangesIsToldByName() async throws {
    let machine = try TestMachine()
    let first = try machine.change(to: try plan(machine)).difference.lines
    #expect(first.contains(.init(.added, "reader.service")))
    #expect(first.contains(.init(.added, "secret a/b")))
    #expect(first.contains(.init(.added, "/etc/tmpfiles.d/adage.conf")))
    #expect(!first.contains { $0.subject.hasPrefix("/etc/adage/files") })
    try await machine.apply(try plan(machine))
    var next = try plan(machine, secret: "other", command: "/bin/false")
    next.units.removeAll { $0.name == "tick.timer" }
    #expect(
      try machine.change(to: next).difference.lines == [
        .init(.changed, "reader.service"), .init(.removed, "tick.timer"),
        .init(.changed, "secret a/b"),
      ])
    next = try plan(machine)
    next.secrets[0].mode = "0440"
    #expect(try machine.change(to: next).difference.lines == [.init(.changed, "secret a/b")])
    next = try plan(machine)
    next.identityPaths = ["/etc/other"]
    let lines = try machine.change(to: next).difference.lines
    #expect(lines.map(\.subject) == ["adage-activate.service"])
  }

  @Test(arguments: [
    (UnitChange.stopAndStart, ["stop reader.service", "daemon-reload", "start reader.service"]),
    (.restart, ["daemon-reload", "restart reader.service"]),
    (.reload, ["daemon-reload", "reload-or-restart reader.service"]),
    (.keep, ["daemon-reload"]),
  ])
  func anActiveUnitIsTreatedAsItAsks(_ change: UnitChange, _ expected: [String]) async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine, change: change))
    machine.manager.state.withLock { _ = $0.active.insert("reader.service") }
    _ = machine.manager.takeLog()
    try await machine.apply(try plan(machine, command: "/bin/false", change: change))
    #expect(machine.manager.takeLog() == expected)
  }

  @Test func aUnitReadsAChangedSecretAgain() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine, change: .restart))
    machine.manager.state.withLock { _ = $0.active.insert("reader.service") }
    _ = machine.manager.takeLog()
    try await machine.apply(try plan(machine, secret: "other", change: .restart))
    #expect(machine.manager.takeLog() == ["restart reader.service"])
    #expect(machine.secrets.state.withLock(\.live) == ["2/secrets/a/b.age"])
  }

  @Test func aUnitThatIsGoneIsStoppedAndRemoved() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    var next = try plan(machine)
    next.units.removeAll { $0.name == "tick.timer" }
    _ = machine.manager.takeLog()
    try await machine.apply(next)
    #expect(machine.manager.takeLog() == ["stop tick.timer", "daemon-reload"])
    #expect(machine.text("\(units)/tick.timer") == nil)
    #expect(try machine.everything()["\(units)/timers.target.wants"] == nil)
  }

  @Test func whatIsAddedToAPackagedUnitRestartsIt() async throws {
    let machine = try TestMachine()
    var addition = service("packaged", "/bin/true", .restart)
    addition.isDropIn = true
    machine.manager.state.withLock { _ = $0.active.insert("packaged.service") }
    try await machine.apply(try plan(machine, with: [addition]))
    #expect(machine.manager.takeLog().contains("restart packaged.service"))
    #expect(machine.text("\(units)/packaged.service.d/adage.conf") != nil)
    try await machine.apply(try plan(machine))
    #expect(machine.manager.takeLog() == ["daemon-reload", "restart packaged.service"])
    #expect(try machine.everything()["\(units)/packaged.service.d"] == nil)
  }

  @Test func theSameSecretIsTheSameFile() async throws {
    let machine = try TestMachine()
    var first = try plan(machine)
    first.secrets.append(
      PlannedSecret(name: "c", file: try machine.cipher("c"), path: "/run/agenix/c"))
    try await machine.apply(first)
    var next = first
    next.secrets[1].file = try machine.cipher("d", "another")
    try await machine.apply(next)
    let inode = { (path: String) in
      try FileManager.default.attributesOfItem(
        atPath: machine.folder.path + "/etc/adage/configurations/" + path)[.systemFileNumber]
        as? Int
    }
    #expect(try inode("1/secrets/a/b.age") == inode("2/secrets/a/b.age"))
    #expect(try inode("1/secrets/c.age") != inode("2/secrets/c.age"))
  }

  @Test func onlyTheLastTwoAreKept() async throws {
    let machine = try TestMachine()
    for number in 1...4 { try await machine.apply(try plan(machine, command: "/bin/\(number)")) }
    let kept = try FileManager.default.contentsOfDirectory(
      atPath: machine.folder.path("etc/adage/configurations"))
    #expect(kept.sorted() == ["3", "4"])
    let scripts = try FileManager.default.contentsOfDirectory(
      atPath: machine.folder.path("etc/adage/files"))
    #expect(scripts.count == 2)
  }

  @Test func unitsForThisRunAreElsewhere() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try await machine.apply(try plan(machine), runtime: true)
    #expect(machine.text("/run/systemd/system/reader.service") != nil)
    #expect(machine.text("\(units)/reader.service") == nil)
    #expect(machine.text("/etc/tmpfiles.d/adage.conf") == nil)
    // The machine was started again.
    try FileManager.default.removeItem(atPath: machine.folder.path("run"))
    let change = try machine.change(to: try plan(machine), runtime: true)
    #expect(change.difference.units["reader.service"]?.kind == .added)
  }

  @Test func aSecretThatCannotBeReadChangesNothing() async throws {
    let machine = try TestMachine()
    var bad = try plan(machine)
    bad.secrets[0].file = machine.folder.path("missing.age")
    let error = try await failure { try await machine.apply(bad) }
    #expect(error.code == .secrets && error.failures.count == 1)
    #expect(try machine.everything()["/etc/adage"] == nil)
  }

  @Test func theLastSecretTakesTheMemoryWithIt() async throws {
    let machine = try TestMachine()
    var next = try plan(machine)
    try await machine.apply(next)
    next.secrets = []
    next.identityPaths = []
    next.units.removeAll { $0.name == "reader.service" }
    try await machine.apply(next)
    #expect(machine.secrets.state.withLock(\.live).isEmpty)
    #expect(machine.text("\(units)/adage-activate.service") == nil)
    try await machine.rollBack()
    #expect(machine.secrets.state.withLock(\.live) == ["1/secrets/a/b.age"])
  }

  @Test func aUnitThatDoesNotStartIsSaid() async throws {
    let machine = try TestMachine()
    machine.manager.state.withLock { $0.failing = "start" }
    let error = try await failure { try await machine.apply(try plan(machine)) }
    #expect(error.code == .partlyApplied)
    #expect(machine.link("/etc/adage/current") == "configurations/1")
    #expect(try machine.change(to: try plan(machine)).isEmpty)
  }
}
