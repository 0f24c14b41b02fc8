import Foundation
import Plan
import SystemFiles
import SystemPackage
import Testing

@testable import Activation

@Suite(.enabled(if: isRoot, "needs root")) struct PlacementTests {
  @Test func aPathElsewhereBecomesALink() throws {
    let machine = try TestMachine()
    try machine.add("a/b", "text", path: "/etc/app/deep/token", owner: "nobody")
    let report = try machine.activate()
    #expect(report.links == ["/etc/app/deep/token"])
    #expect(try machine.linkTarget("/etc/app/deep/token") == "/run/agenix/a/b")
    #expect(try machine.read("/etc/app/deep/token") == "text")
    for directory in ["/etc", "/etc/app", "/etc/app/deep"] {
      let status = try machine.status(directory)
      #expect([status.mode, status.owner] == [0o755, 0])
    }
    #expect(try machine.activate().links == [])
  }

  @Test func filesAndOtherLinksGiveWay() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/etc")
    try machine.write("old", to: "/etc/file")
    try machine.write("kept", to: "/etc/target")
    try machine.link("/etc/link", to: "/etc/target")
    try machine.add("a", path: "/etc/file")
    try machine.add("b", path: "/etc/link")
    try machine.activate()
    #expect(try machine.linkTarget("/etc/file") == "/run/agenix/a")
    #expect(try machine.linkTarget("/etc/link") == "/run/agenix/b")
    #expect(try machine.read("/etc/target") == "kept")
  }

  @Test func aCopyIsAFileOfItsOwn() throws {
    let machine = try TestMachine()
    try machine.add(
      "a", "text", path: "/var/lib/app/token", mode: "0640", owner: "daemon", group: "nogroup",
      symlink: false)
    try machine.add("b", "large", path: "/var/lib/app/large", symlink: false)
    let report = try machine.activate()
    #expect(report.copies == ["/var/lib/app/token", "/var/lib/app/large"])
    #expect(report.warnings.count == 2)
    #expect(
      report.warnings.first
        == "/var/lib/app/token is on a disk: the secret is there in clear text (symlink = false)")
    let status = try machine.status("/var/lib/app/token")
    #expect(status.kind == .regular)
    #expect([status.mode, status.owner, status.group] == [0o640, 1, 65534])
    #expect(try machine.read("/var/lib/app/token") == "text")
    #expect(!machine.exists("/run/agenix.d/1/a"))
    #expect(!machine.exists("/run/agenix.d/.copies-1"))
  }

  @Test func aCopyAtTheDefaultPathIsInTheGeneration() throws {
    let machine = try TestMachine()
    try machine.add("a", "text", symlink: false)
    #expect(try machine.activate().copies == [])
    #expect(try machine.read("/run/agenix/a") == "text")
  }

  @Test func aDirectoryIsNeverReplaced() throws {
    let machine = try TestMachine()
    try machine.add("before")
    try machine.activate()
    try machine.makeDirectory("/etc/app")
    try machine.add("a", path: "/new/directory/a")
    try machine.add("b", path: "/etc/app")
    try machine.add("c", path: "/etc/app/inner", symlink: false)
    machine.plan.secrets.removeLast()
    try machine.add("d", path: "/other/d", symlink: false)
    let before = try machine.picture()
    let error = try machine.failure(.placement)
    #expect(
      error.failures == [
        "secret b: replace \(machine.inside("/etc/app").string): it is a directory"
      ])
    #expect(try machine.picture() == before)
  }

  @Test func whatIsNotWantedAnyMoreIsRemoved() throws {
    let machine = try TestMachine()
    try machine.add("link", path: "/etc/link")
    try machine.add("copy", path: "/etc/copy", symlink: false)
    try machine.add("kept", path: "/etc/kept")
    try machine.activate()
    machine.plan.secrets.removeFirst(2)
    let report = try machine.activate()
    #expect(report.removed.sorted() == ["/etc/copy", "/etc/link"])
    #expect(!machine.exists("/etc/link"))
    #expect(!machine.exists("/etc/copy"))
    #expect(machine.exists("/etc/kept"))
    #expect(try machine.activate().removed == [])
  }

  @Test func whatWasChangedSinceStays() throws {
    let machine = try TestMachine()
    try machine.add("link", path: "/etc/link")
    try machine.add("copy", path: "/etc/copy", symlink: false)
    try machine.add("gone", path: "/etc/gone")
    try machine.activate()
    try FileManager.default.removeItem(atPath: machine.inside("/etc/link").string)
    try FileManager.default.removeItem(atPath: machine.inside("/etc/gone").string)
    try machine.link("/etc/link", to: "/etc/mine")
    try machine.write("mine", to: "/etc/copy")
    machine.plan.secrets = []
    let report = try machine.activate()
    #expect(report.removed == [])
    #expect(
      report.warnings.sorted() == [
        "/etc/copy is not wanted any more, but was changed since: it stays",
        "/etc/link is not wanted any more, but was changed since: it stays",
      ])
    #expect(try machine.linkTarget("/etc/link") == "/etc/mine")
    #expect(try machine.read("/etc/copy") == "mine")
  }

  @Test func aLinkThatMovesIsRemovedWhereItWas() throws {
    let machine = try TestMachine()
    try machine.add("a", "text", path: "/etc/old")
    try machine.activate()
    machine.plan.secrets[0].path = "/etc/new"
    #expect(try machine.activate().removed == ["/etc/old"])
    #expect(try machine.read("/etc/new") == "text")
  }

  @Test func aChangedSecretsDirLeavesNoLinkBehind() throws {
    let machine = try TestMachine()
    try machine.activate()
    machine.plan.secretsDirectory = "/run/secrets"
    #expect(try machine.activate().removed == ["/run/agenix"])
    #expect(try machine.linkTarget("/run/secrets") == "/run/agenix.d/2")
    #expect(!machine.exists("/run/agenix"))
  }

  @Test func anotherMountPointIsNamedAndLeftAlone() throws {
    let machine = try TestMachine()
    try machine.activate()
    machine.plan.secretsMountPoint = "/run/other.d"
    let report = try machine.activate()
    #expect(
      report.warnings == [
        "/run/agenix led to /run/agenix.d/1, which stays as it is; remove it if it is not needed any more"
      ])
    #expect(try machine.linkTarget("/run/agenix") == "/run/other.d/2")
    #expect(machine.exists("/run/agenix.d/1"))
  }

  @Test func aFailureAfterTheSwapIsTold() throws {
    let machine = try TestMachine()
    let tree = try Tree(root: machine.root)
    let owner = Ownership(mode: 0o400, owner: 0, group: 0)
    var placement = Placement(paths: ["/etc/a", "/etc/b"])
    try placement.stageLink(at: "/etc/a", to: "/run/agenix/a", owner, in: tree)
    try placement.stageLink(at: "/etc/b", to: "/run/agenix/b", owner, in: tree)
    try machine.makeDirectory("/etc/a")
    let failures = placement.commit()
    #expect(failures == ["replace \(machine.inside("/etc/a").string): is a directory"])
    #expect(try machine.linkTarget("/etc/b") == "/run/agenix/b")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: machine.inside("/etc").string).sorted()
        == ["a", "b"])
  }
}

@Suite(.enabled(if: isRoot, "needs root")) struct AttackTests {
  /// A home directory of `nobody`'s, which holds what it likes.
  private func machineWithHome() throws -> TestMachine {
    let machine = try TestMachine()
    try machine.makeDirectory("/etc")
    try machine.write("precious", to: "/etc/passwd")
    try machine.makeDirectory("/home/nobody", owner: 65534)
    return machine
  }

  @Test(arguments: [true, false]) func aDirectoryThatIsALinkIsNotFollowed(symlink: Bool) throws {
    let machine = try machineWithHome()
    try machine.link("/home/nobody/.config", to: "/etc")
    try machine.add("a", path: "/home/nobody/.config/passwd", owner: "nobody", symlink: symlink)
    let error = try machine.failure(.placement)
    #expect(
      error.failures == [
        "secret a: open directory \(machine.inside("/home/nobody/.config").string): "
          + "it is a link, which is not followed where others can make links"
      ])
    #expect(try machine.read("/etc/passwd") == "precious")
    #expect(!machine.exists("/run/agenix"))
  }

  @Test(arguments: [true, false]) func aLinkInTheFilesPlaceIsNotFollowed(symlink: Bool) throws {
    let machine = try machineWithHome()
    try machine.link("/home/nobody/token", to: "/etc/passwd")
    try machine.add("a", "text", path: "/home/nobody/token", owner: "nobody", symlink: symlink)
    try machine.activate()
    #expect(try machine.read("/etc/passwd") == "precious")
    #expect(try machine.read("/home/nobody/token") == "text")
  }

  @Test func whatIsMadeInAHomeBelongsToTheSecretsOwner() throws {
    let machine = try machineWithHome()
    try machine.add(
      "a", path: "/home/nobody/new/deep/token", owner: "nobody", group: "nogroup")
    try machine.activate()
    for path in ["new", "new/deep", "new/deep/token"] {
      let status = try machine.status("/home/nobody/" + path)
      #expect([status.owner, status.group] == [65534, 65534])
    }
  }

  @Test func removingLooksThroughNoLinkEither() throws {
    let machine = try machineWithHome()
    try machine.makeDirectory("/home/nobody/config", owner: 65534)
    try machine.add("a", path: "/home/nobody/config/link", owner: "nobody")
    try machine.activate()
    try FileManager.default.moveItem(
      atPath: machine.inside("/home/nobody/config").string,
      toPath: machine.inside("/etc/config").string)
    try machine.link("/home/nobody/config", to: "/etc/config")
    machine.plan.secrets = []
    let report = try machine.activate()
    #expect(report.warnings.count == 1)
    #expect(report.removed == [])
    #expect(machine.exists("/etc/config/link"))
  }

  @Test func aLinkForTheLockOrTheMountPointIsRefused() throws {
    for name in ["agenix.d", "agenix.d.lock"] {
      let machine = try TestMachine()
      try machine.makeDirectory("/run")
      try machine.makeDirectory("/etc")
      try machine.link("/run/" + name, to: "/etc")
      _ = try machine.failure(.system)
      #expect(try machine.linkTarget("/run/" + name) == "/etc")
      #expect(!machine.exists("/run/agenix"))
    }
  }
}
