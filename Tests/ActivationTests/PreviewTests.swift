import Activation
import Foundation
import Plan
import SystemPackage
import Testing

@Suite(.enabled(if: isRoot, "needs root")) struct PreviewTests {
  private func lines(_ machine: TestMachine) throws -> [String] {
    try machine.activation.preview().changes.map {
      ([$0.kind.rawValue, $0.path] + $0.details).joined(separator: " | ")
    }
  }

  @Test func aFreshMachineGetsEverythingAndIsNotTouched() throws {
    let machine = try TestMachine()
    try machine.add("a")
    try machine.add("b", path: "/etc/link")
    try machine.add("c", path: "/etc/copy", symlink: false)
    #expect(
      try lines(machine) == [
        "added | /run/agenix/a", "added | /run/agenix/b", "added | /etc/copy",
        "added | /etc/link",
      ])
    #expect(try machine.picture() == [])
  }

  @Test func nothingChangesAfterAnActivation() throws {
    let machine = try TestMachine()
    try machine.add("a", "")
    try machine.add("b", path: "/etc/link", owner: "nobody")
    try machine.add("c", path: "/etc/copy", symlink: false)
    try machine.activate()
    let before = try machine.picture()
    #expect(
      try lines(machine) == [
        "unchanged | /run/agenix/a", "unchanged | /run/agenix/b", "unchanged | /etc/copy",
      ])
    #expect(try machine.picture() == before)
  }

  @Test func everyKindOfChangeIsTold() throws {
    let machine = try TestMachine()
    try machine.add("content", "old")
    try machine.add("length", "old")
    try machine.add("mode")
    try machine.add("gone/deep")
    try machine.add("link", path: "/etc/old")
    try machine.add("copy", path: "/etc/copy", symlink: false)
    try machine.activate()
    machine.plan.secrets[0].file = try machine.encrypt("new")
    machine.plan.secrets[1].file = try machine.encrypt("longer")
    machine.plan.secrets[2].mode = "0440"
    machine.plan.secrets[2].group = "daemon"
    machine.plan.secrets[4].path = "/etc/new"
    machine.plan.secrets.remove(at: 3)
    machine.plan.secrets.removeLast()
    #expect(
      try lines(machine) == [
        "changed | /run/agenix/content | content", "changed | /run/agenix/length | content",
        "changed | /run/agenix/mode | mode 400 to 440 | group 0 to 1",
        "unchanged | /run/agenix/link", "added | /etc/new", "removed | /etc/copy",
        "removed | /etc/old", "removed | /run/agenix/gone/deep",
      ])
  }

  @Test func failuresAreThoseOfAnActivation() throws {
    let machine = try TestMachine()
    try machine.add("a")
    try machine.add("b")
    machine.plan.secrets[0].file = "/nowhere.age"
    let error = try #require(throws: ActivationError.self) { _ = try machine.activation.preview() }
    #expect(error.code == .secrets)
    #expect(error.failures == ["secret a: read /nowhere.age: no such file or directory"])
    #expect(try machine.picture() == [])
  }
}
