import Deployment
import Foundation
import Plan
import TestSupport
import Testing

@Suite struct ConflictTests {
  private let unit = "etc/systemd/system/reader.service"

  @Test func whatIsNotOursIsInTheWay() async throws {
    let machine = try TestMachine()
    try machine.folder.write(unit, "[Service]\n", mode: 0o644)
    try machine.folder.write("etc/tmpfiles.d/adage.conf", "x\n", mode: 0o644)
    let before = try machine.everything()
    let error = try await failure { try await machine.apply(try plan(machine)) }
    #expect(error.code == .conflict)
    #expect(
      error.failures == [
        "/etc/systemd/system/reader.service: it is not adage's",
        "/etc/tmpfiles.d/adage.conf: it is not adage's",
      ])
    #expect(error.hint != nil)
    #expect(try machine.everything() == before)
  }

  @Test func whatWasChangedIsInTheWay() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try machine.folder.write(unit, "[Service]\n", mode: 0o644)
    var error = try await failure { _ = try machine.change(to: try plan(machine)) }
    #expect(
      error.failures == [
        "/etc/systemd/system/reader.service: it was changed since adage wrote it"
      ])
    try FileManager.default.removeItem(atPath: machine.folder.path(unit))
    try FileManager.default.createDirectory(
      atPath: machine.folder.path(unit), withIntermediateDirectories: false)
    error = try await failure { _ = try machine.change(to: try plan(machine)) }
    #expect(error.failures == ["/etc/systemd/system/reader.service: it is a directory"])
  }

  @Test func anotherModeIsAChange() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o666], ofItemAtPath: machine.folder.path(unit))
    let error = try await failure { _ = try machine.change(to: try plan(machine)) }
    #expect(error.code == .conflict)
  }

  @Test func whatIsTheSameIsAdopted() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    let text = machine.text("/\(unit)")!
    let other = try TestMachine()
    try other.folder.write(unit, text, mode: 0o644)
    try await other.apply(try plan(other))
    var next = try plan(other)
    next.units.removeAll { $0.name == "reader.service" }
    try await other.apply(next)
    #expect(other.text("/\(unit)") == nil)
  }

  @Test func whatIsMissingIsWrittenAgain() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    let before = try machine.everything()
    try FileManager.default.removeItem(atPath: machine.folder.path(unit))
    let change = try machine.change(to: try plan(machine))
    #expect(change.difference.lines == [.init(.added, "reader.service")])
    try await machine.deployment().apply(change)
    #expect(try machine.everything() == before)
  }

  @Test func whatWasChangedIsNeverRemoved() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try machine.folder.write(unit, "mine\n", mode: 0o644)
    var next = try plan(machine)
    next.units.removeAll { $0.name == "reader.service" }
    let report = try await machine.apply(next)
    #expect(report.warnings.count == 1 && report.warnings[0].contains("reader.service"))
    #expect(machine.text("/\(unit)") == "mine\n")
    #expect(try machine.change(to: next).isEmpty)
  }

  @Test func aDamagedRecordIsSaid() async throws {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    try machine.folder.write("etc/adage/record.json", "{", mode: 0o600)
    let error = try await failure { _ = try machine.change(to: try plan(machine)) }
    #expect(error.code == .system && error.hint != nil)
  }
}
