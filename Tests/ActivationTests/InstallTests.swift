import Activation
import Age
import Foundation
import Keyring
import Plan
import SecretMemory
import SystemFiles
import SystemPackage
import Testing

@Suite(.enabled(if: isRoot, "needs root")) struct InstallTests {
  @Test func aGenerationIsInstalledBehindOneLink() throws {
    let machine = try TestMachine()
    try machine.add("plain", "one")
    try machine.add("restic/env", "two")
    try machine.add("restic/deep/er", "")
    let report = try machine.activate()
    #expect(report.generation == 1)
    #expect(report.directory == "/run/agenix.d/1")
    #expect(report.secrets == ["plain", "restic/env", "restic/deep/er"])
    #expect(report.warnings == [])
    #expect(try machine.linkTarget("/run/agenix") == "/run/agenix.d/1")
    #expect(try machine.read("/run/agenix/plain") == "one")
    #expect(try machine.read("/run/agenix/restic/env") == "two")
    #expect(try machine.read("/run/agenix/restic/deep/er") == "")
    for directory in ["", "/1", "/1/restic", "/1/restic/deep"] {
      let status = try machine.status("/run/agenix.d" + directory)
      #expect([status.mode, status.owner] == [0o751, 0])
    }
    let mount = try DirectoryDescriptor(opening: machine.inside("/run/agenix.d"))
    #expect(try mount.fileSystemKind() == .ramfs)
    #expect(try mount.isMountPoint())
    #expect(try machine.status("/run/agenix.d.lock").mode == 0o600)
    #expect(try machine.status("/run/agenix.d/.record-1").mode == 0o600)
    #expect(try mount.entries().map(\.string).sorted() == [".record-1", "1"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: machine.inside("/run").string).sorted()
        == ["agenix", "agenix.d", "agenix.d.lock"])
  }

  @Test(arguments: [
    ("0400", "0", "0", 0o400, 0, 0), ("0440", "nobody", "daemon", 0o440, 65534, 1),
    ("u=rw,g=r", "daemon", "nogroup", 0o640, 1, 65534), ("g+r", "65534", "1", 0o440, 65534, 1),
    ("600", "3000000000", "3000000001", 0o600, 3_000_000_000, 3_000_000_001),
    ("a+r,u-x", "root", "root", 0o444, 0, 0),
  ])
  func ownersAndModesAreAsWanted(
    mode: String, owner: String, group: String, bits: UInt32, user: UInt32, groupID: UInt32
  ) throws {
    let machine = try TestMachine()
    try machine.add("a/b", mode: mode, owner: owner, group: group)
    try machine.activate()
    let status = try machine.status("/run/agenix.d/1/a/b")
    #expect([status.mode, status.owner, status.group] == [bits, user, groupID])
    #expect(try machine.status("/run/agenix.d/1/a").owner == 0)
  }

  @Test func theNextGenerationReplacesTheOne() throws {
    let machine = try TestMachine()
    try machine.add("stays")
    try machine.add("goes")
    try machine.activate()
    machine.plan.secrets.removeLast()
    try machine.add("comes")
    let report = try machine.activate()
    #expect(report.generation == 2)
    #expect(try machine.linkTarget("/run/agenix") == "/run/agenix.d/2")
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: machine.inside("/run/agenix.d").string
      ).sorted() == [".record-2", "2"])
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: machine.inside("/run/agenix.d/2").string
      ).sorted() == ["comes", "stays"])
  }

  @Test func aGenerationOfAgenixIsTakenOver() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/run/agenix.d")
    try DirectoryDescriptor(opening: machine.inside("/run/agenix.d")).mount(.ramfs, mode: 0o751)
    try machine.makeDirectory("/run/agenix.d/41")
    try machine.write("old", to: "/run/agenix.d/41/a")
    try machine.link("/run/agenix", to: "/run/agenix.d/41")
    try machine.add("a", "new")
    #expect(try machine.activate().generation == 42)
    #expect(try machine.read("/run/agenix/a") == "new")
    #expect(!machine.exists("/run/agenix.d/41"))
  }

  @Test func manyAndLargeSecretsArrive() throws {
    let machine = try TestMachine()
    let large = String(repeating: "0123456789abcdef", count: 200_000)
    try machine.add("large", large)
    for index in 0..<200 { try machine.add("many/\(index % 7)/\(index)", "value \(index)") }
    try machine.activate()
    #expect(try machine.read("/run/agenix/large") == large)
    for index in 0..<200 {
      #expect(try machine.read("/run/agenix/many/\(index % 7)/\(index)") == "value \(index)")
    }
  }

  @Test func everySecretMayHaveDirectoriesOfItsOwn() throws {
    let machine = try TestMachine()
    let file = try machine.encrypt("text")
    for index in 0..<600 {
      machine.plan.secrets.append(
        PlannedSecret(name: "\(index)/s", file: file, path: "/etc/\(index)/s"))
    }
    #expect(try machine.activate().links.count == 600)
    #expect(try machine.read("/etc/599/s") == "text")
  }

  @Test func sshHostKeysOpenSecrets() throws {
    let machine = try TestMachine()
    let key = try machine.sshKey("ed25519")
    try machine.add("a", "for the host")
    let file = try encrypt(
      SecretBytes(copying: Array("for the host".utf8)),
      recipients: [try Keyring().recipient(key.publicKey)])
    try Data(file).write(to: URL(filePath: machine.plan.secrets[0].file))
    machine.plan.identityPaths = [key.privateKey]
    try machine.activate()
    #expect(try machine.read("/run/agenix/a") == "for the host")
  }

  @Test func aRunWithoutSecretsMakesAnEmptyGeneration() throws {
    let machine = try TestMachine()
    try machine.activate()
    #expect(try machine.linkTarget("/run/agenix") == "/run/agenix.d/1")
  }

  @Test func linksOfTheTreeAreFollowedInsideIt() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/real/run")
    try machine.link("/run", to: "/real/run")
    defer { try? unmount(machine.inside("/real/run/agenix.d")) }
    try machine.add("a", "text")
    try machine.activate()
    #expect(try machine.linkTarget("/real/run/agenix") == "/run/agenix.d/1")
    #expect(try machine.read("/run/agenix/a") == "text")
  }
}

@Suite(.enabled(if: isRoot, "needs root")) struct MemoryTests {
  @Test func aRamfsThatIsThereIsUsed() throws {
    let machine = try TestMachine()
    try machine.activate()
    try machine.activate()
    let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
    let path = machine.inside("/run/agenix.d").string
    #expect(mounts.split(separator: "\n").count { $0.contains(path) } == 1)
  }

  @Test func aTmpfsThatMayBeSwappedNeedsPermission() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/run/agenix.d")
    try DirectoryDescriptor(opening: machine.inside("/run/agenix.d")).mount(.tmpfs, mode: 0o751)
    try machine.add("a", "text")
    let error = try machine.failure(.storage)
    #expect(error.description.hasSuffix("it is a tmpfs that may be swapped to a disk"))
    #expect(error.hint == "unmount it, or allow swap with --allow-swap")
    #expect(try machine.picture().count == 3)
    _ = try Activation(machine.plan, root: machine.root, allowSwap: true).run()
    #expect(try machine.read("/run/agenix/a") == "text")
  }

  @Test func memoryThatOthersWriteToIsRefused() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/run/agenix.d")
    let directory = try DirectoryDescriptor(opening: machine.inside("/run/agenix.d"))
    try directory.mount(.ramfs, mode: 0o1777)
    let error = try machine.failure(.storage)
    #expect(
      error.description
        == "use \(machine.inside("/run/agenix.d").string): others than its owner can write to it")
  }

  @Test func aTmpfsWithoutSwapIsUsed() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/run/agenix.d")
    let directory = try DirectoryDescriptor(opening: machine.inside("/run/agenix.d"))
    try directory.mount(.tmpfsWithoutSwap, mode: 0o751)
    try machine.activate()
    let mounted = try DirectoryDescriptor(opening: machine.inside("/run/agenix.d"))
    #expect(try mounted.fileSystemKind() == .tmpfs(noswap: true))
  }
}

@Suite(.enabled(if: isRoot, "needs root")) struct LockingTests {
  @Test func theSecondRunWaitsForTheFirst() throws {
    let machine = try TestMachine()
    try machine.add("a", "text")
    try machine.activate()
    let run = try DirectoryDescriptor(opening: machine.inside("/run"))
    let held = try FileLock("agenix.d.lock", in: run)
    let waits = DispatchSemaphore(value: 0)
    let done = DispatchSemaphore(value: 0)
    let activation = machine.activation
    Thread.detachNewThread {
      _ = try? activation.run { waits.signal() }
      done.signal()
    }
    waits.wait()
    #expect(try machine.linkTarget("/run/agenix") == "/run/agenix.d/1")
    held.release()
    done.wait()
    #expect(try machine.linkTarget("/run/agenix") == "/run/agenix.d/2")
  }

  @Test func runsAtOnceEndWithOneGeneration() async throws {
    let machine = try TestMachine()
    for index in 0..<20 { try machine.add("s\(index)", "text \(index)") }
    let activation = machine.activation
    let generations = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<6 { group.addTask { try activation.run().generation } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(generations.sorted() == [1, 2, 3, 4, 5, 6])
    #expect(try machine.linkTarget("/run/agenix") == "/run/agenix.d/6")
    let mount = try DirectoryDescriptor(opening: machine.inside("/run/agenix.d"))
    #expect(try mount.entries().map(\.string).sorted() == [".record-6", "6"])
  }
}
