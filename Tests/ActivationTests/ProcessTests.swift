import Activation
import Foundation
import Plan
import SystemFiles
import SystemPackage
import TestSupport
import Testing

/// What only a process of its own shows: other rights, and an end at any time.
@Suite(.enabled(if: isRoot, "needs root")) struct ProcessTests {
  /// A machine whose repository `nobody` may read, with a directory of theirs in memory.
  private func usersMachine(_ mount: SecretsMount?) throws -> TestMachine {
    let machine = try TestMachine()
    let home = machine.inside("/run/other.d")
    try machine.makeDirectory("/run/other.d")
    if let mount { try DirectoryDescriptor(opening: home).mount(mount, mode: 0o700) }
    try FileManager.default.setAttributes(
      [.ownerAccountID: 65534, .groupOwnerAccountID: 65534, .posixPermissions: 0o700],
      ofItemAtPath: home.string)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: machine.keyFile)
    machine.plan.secretsDirectory = home.appending("agenix").string
    machine.plan.secretsMountPoint = home.appending("agenix.d").string
    return machine
  }

  /// Runs the probe behind a command, on a copy that everybody may execute.
  private func probe(
    _ machine: TestMachine, as command: [String], _ arguments: String...
  ) async throws -> Finished {
    let plan = machine.directory.appending("plan.json").string
    try Data(machine.plan.json().utf8).write(to: URL(filePath: plan))
    let copy = machine.directory.appending("probe").string
    if !FileManager.default.fileExists(atPath: copy) {
      // Not by this process, whose descriptor another test's child might hold a moment longer (ETXTBSY).
      try await runChecked("cp", [product("activation-probe"), copy])
    }
    return try await run(command[0], command.dropFirst() + [copy, plan] + arguments)
  }

  private static let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

  @Test func aUserActivatesIntoMemoryOfTheirOwn() async throws {
    let machine = try usersMachine(.tmpfsWithoutSwap)
    try machine.add("a/b", "text", owner: "nobody", group: "65534")
    try machine.add(
      "c", path: machine.inside("/run/other.d/c").string, owner: "65534", group: "nogroup")
    for generation in 1...2 {
      let finished = try await probe(machine, as: Self.nobody)
      #expect(finished.text == "generation \(generation)\n")
      #expect(finished.status == 0)
    }
    let live = machine.inside("/run/other.d/agenix.d/2/a/b")
    #expect(try String(contentsOfFile: live.string, encoding: .utf8) == "text")
    let status = try FileStatus(live)
    #expect([status.owner, status.group, status.mode] == [65534, 65534, 0o400])
    #expect(try FileStatus(machine.inside("/run/other.d/agenix.d/2")).mode == 0o751)
    #expect(
      try machine.linkTarget("/run/other.d/agenix")
        == machine.inside("/run/other.d/agenix.d/2").string)
  }

  @Test func aPlainTmpfsWillDoForAUser() async throws {
    let machine = try usersMachine(.tmpfs)
    try machine.add("a", owner: "nobody", group: "nogroup")
    let finished = try await probe(machine, as: Self.nobody)
    #expect(finished.status == 0)
    let lines = finished.text.split(separator: "\n")
    #expect(lines.first == "generation 1")
    if case .exposed = try Swap.current() {
      #expect(lines.count == 2)
    } else {
      #expect(lines.count == 1)
    }
  }

  @Test func aUsersClearTextIsNotWrittenToADisk() async throws {
    let machine = try usersMachine(nil)
    try machine.add("a", owner: "nobody", group: "nogroup")
    let finished = try await probe(machine, as: Self.nobody)
    #expect(finished.status == 1)
    #expect(
      finished.text
        == "activate: \(machine.plan.secretsMountPoint) is on a disk, where clear text must not be written\n"
        + "hint: set age.secretsMountPoint to a directory below $XDG_RUNTIME_DIR\n")
    #expect(!machine.exists("/run/other.d/agenix"))
  }

  @Test func aUserGivesNothingToOthers() async throws {
    let machine = try usersMachine(.ramfs)
    try machine.add("a", owner: "root", group: "nogroup")
    try machine.add("b", owner: "nobody", group: "0")
    try machine.add("c", owner: "nobody", group: "nogroup")
    let finished = try await probe(machine, as: Self.nobody)
    #expect(finished.status == 1)
    #expect(
      finished.text == """
        activate: 2 secrets cannot have the owner or group wanted; nothing was changed
        secret a: owner root: only root can give a file to another user
        secret b: group 0: only root can give a file to a group that is not its own

        """)
  }

  @Test func aUserCannotActivateForTheMachine() async throws {
    let machine = try usersMachine(.ramfs)
    machine.plan.secretsMountPoint = machine.inside("/run/agenix.d").string
    let finished = try await probe(machine, as: Self.nobody)
    #expect(finished.status == 1)
    // The second where the directory for temporary files is memory.
    #expect(
      finished.text.contains("is on a disk, where clear text must not be written\n")
        || finished.text.hasSuffix(": permission denied\n"))
  }

  /// Root in a container that may mount nothing.
  @Test func whereNothingCanBeMountedSwapMustBeAllowed() async throws {
    let unprivileged = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    let machine = try TestMachine()
    try machine.add("a", "text")
    try machine.makeDirectory("/run")
    var finished = try await probe(machine, as: unprivileged, machine.root.string)
    #expect(finished.status == 1)
    let mountPoint = machine.inside("/run/agenix.d").string
    #expect(
      finished.text == """
        activate: no memory that is never swapped can be mounted on \(mountPoint)
        mount ramfs on \(mountPoint): operation not permitted
        mount tmpfs on \(mountPoint): operation not permitted
        hint: --allow-swap permits a tmpfs, which may be swapped to a disk

        """)
    #expect(!machine.exists("/run/agenix"))
    // A disk is not good enough even then; a tmpfs around it is.
    finished = try await probe(machine, as: unprivileged, machine.root.string, "allow-swap")
    #expect(finished.status == 1)
    let run = try DirectoryDescriptor(opening: machine.inside("/run"))
    try run.mount(.tmpfs, mode: 0o755)
    defer { try? unmount(machine.inside("/run")) }
    finished = try await probe(machine, as: unprivileged, machine.root.string, "allow-swap")
    #expect(finished.status == 0)
    #expect(try machine.read("/run/agenix/a") == "text")
  }

  @Test func aKilledRunLeavesAWholeGenerationLive() async throws {
    let machine = try TestMachine()
    for index in 0..<150 { try machine.add("d\(index % 10)/s\(index)", "value \(index)") }
    for index in 150..<160 {
      try machine.add("s\(index)", "value \(index)", path: "/etc/l\(index)")
    }
    try machine.add("copy", "value copy", path: "/etc/copy", symlink: false)
    try machine.activate()
    for step in 1...10 {
      let delay = "0.\(String(1000 + step * 18).dropFirst())"
      _ = try await probe(
        machine, as: ["timeout", "--signal=KILL", delay], machine.root.string)
      #expect(try machine.read("/run/agenix/d7/s147") == "value 147")
      #expect(try machine.read("/etc/l155") == "value 155")
      #expect(try machine.read("/etc/copy") == "value copy")
    }
    let report = try machine.activate()
    let mount = try DirectoryDescriptor(opening: machine.inside("/run/agenix.d"))
    let number = report.generation
    #expect(try mount.entries().map(\.string).sorted() == [".record-\(number)", "\(number)"])
    let etc = try DirectoryDescriptor(opening: machine.inside("/etc"))
    #expect(try etc.entries().allSatisfy { !$0.string.hasPrefix(temporaryPrefix) })
    let run = try DirectoryDescriptor(opening: machine.inside("/run"))
    #expect(try run.entries().count == 3)
  }
}
