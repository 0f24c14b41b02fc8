import Activation
import Age
import Foundation
import Plan
import SecretMemory
import SystemFiles
import SystemPackage
import Testing

@Suite(.enabled(if: isRoot, "needs root")) struct FailureTests {
  /// A machine with one live generation.
  private func liveMachine() throws -> TestMachine {
    let machine = try TestMachine()
    try machine.add("good", "live")
    try machine.activate()
    return machine
  }

  @Test func everySecretThatFailsIsListedAndNothingChanges() throws {
    let machine = try liveMachine()
    try machine.add("missing", path: "/etc/new/link")
    try FileManager.default.removeItem(atPath: machine.plan.secrets[1].file)
    try machine.add("garbage")
    try Data("not age".utf8).write(to: URL(filePath: machine.plan.secrets[2].file))
    try machine.add("damaged", "some text", path: "/etc/new/copy", symlink: false)
    var bytes = try readFile(FilePath(machine.plan.secrets[3].file), limit: 1 << 20)
    bytes[bytes.count - 1] ^= 1
    try Data(bytes).write(to: URL(filePath: machine.plan.secrets[3].file))
    try machine.add("foreign")
    let other = try Age.encrypt(
      SecretBytes(copying: [1]), recipients: [X25519Identity().recipient])
    try Data(other).write(to: URL(filePath: machine.plan.secrets[4].file))
    try machine.add("also good")
    let before = try machine.picture()
    let error = try machine.failure(.secrets)
    #expect(
      error.reason == "activate: 4 of 6 secrets cannot be decrypted; nothing was changed")
    #expect(error.failures.count == 4)
    for (failure, name) in zip(
      error.failures.sorted(), ["damaged", "foreign", "garbage", "missing"])
    {
      let secret = try #require(machine.plan.secrets.first { $0.name == name })
      #expect(failure.hasPrefix("secret \(name): "))
      #expect(failure.contains(secret.file))
      #expect(!failure.contains("\n"))
    }
    #expect(error.failures.contains { $0.contains("no identity matches") })
    #expect(try machine.picture() == before)
    #expect(try machine.read("/run/agenix/good") == "live")
  }

  @Test func aMissingIdentityIsAWarningIfAllOpens() throws {
    let machine = try liveMachine()
    machine.plan.identityPaths = ["/nowhere/key", machine.keyFile]
    let report = try machine.activate()
    #expect(report.warnings.count == 1)
    #expect(report.warnings[0].contains("/nowhere/key"))
    #expect(report.warnings[0].hasSuffix("no such file or directory"))
  }

  @Test func aMissingIdentityIsPartOfTheErrorElse() throws {
    let machine = try liveMachine()
    machine.plan.identityPaths = ["/nowhere/key"]
    let before = try machine.picture()
    let error = try machine.failure(.secrets)
    #expect(error.failures.count == 2)
    #expect(error.failures[1].contains("/nowhere/key"))
    #expect(error.hint == "none of age.identityPaths can be used; name a private key there")
    #expect(try machine.picture() == before)
  }

  @Test func aKeyThatCannotBeUsedMattersOnlyIfItIsNeeded() throws {
    let machine = try liveMachine()
    let rsa = try machine.sshKey("rsa").privateKey
    machine.plan.identityPaths = [rsa, machine.keyFile]
    #expect(try machine.activate().warnings == [])
    machine.plan.identityPaths = [rsa]
    let error = try machine.failure(.secrets)
    #expect(error.failures.last?.contains(rsa) == true)
  }

  @Test func aFIFOAsIdentityDoesNotBlock() throws {
    let machine = try liveMachine()
    let fifo = machine.directory.appending("fifo").string
    #expect(unsafe mkfifo(fifo, 0o600) == 0)
    machine.plan.identityPaths = [fifo]
    let error = try machine.failure(.secrets)
    #expect(error.failures.last?.contains(fifo) == true)
    #expect(error.failures.last?.contains("not a regular file") == true)
  }

  @Test func aFIFOAsCipherTextDoesNotBlock() throws {
    let machine = try liveMachine()
    let fifo = machine.directory.appending("fifo").string
    #expect(unsafe mkfifo(fifo, 0o600) == 0)
    machine.plan.secrets[0].file = fifo
    #expect(try machine.failure(.secrets).failures == ["secret good: read \(fifo): it is a FIFO"])
  }

  @Test func aPlanThatMakesNoSenseTouchesNothing() throws {
    let machine = try TestMachine()
    try machine.add("../../etc/passwd")
    try machine.add("a", mode: "rwx")
    machine.plan.identityPaths = []
    let error = try machine.failure(.plan)
    #expect(error.failures.count == 3)
    #expect(try machine.picture() == [])
  }

  @Test func unknownAccountsAreAllNamed() throws {
    let machine = try TestMachine()
    try machine.add("a", owner: "no-such-user")
    try machine.add("b", group: "no-such-group")
    try machine.add("c", owner: "4294967295")
    try machine.add("d", owner: "-1")
    try machine.add("e", owner: "-0")
    try machine.add("f", group: "+5")
    let error = try machine.failure(.account)
    #expect(
      error.failures == [
        "secret a: there is no user no-such-user on this machine",
        "secret b: there is no group no-such-group on this machine",
        "secret c: there is no user 4294967295 on this machine",
        "secret d: there is no user -1 on this machine",
        "secret e: there is no user -0 on this machine",
        "secret f: there is no group +5 on this machine",
      ])
    #expect(try machine.picture() == [])
  }

  @Test func aDirectoryInTheLinksPlaceIsLeftAlone() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/run/agenix")
    try machine.write("precious", to: "/run/agenix/file")
    try machine.add("a")
    let before = try machine.picture()
    let error = try machine.failure(.occupied)
    #expect(error.description == "activate: /run/agenix is a directory and not a link of ours")
    #expect(try machine.picture() == before)
  }

  @Test func aRootThatIsNotThereIsNamed() throws {
    let machine = try TestMachine()
    let error = try #require(throws: ActivationError.self) {
      _ = try Activation(machine.plan, root: "/nowhere/at/all").run()
    }
    #expect(error.description == "open directory /nowhere/at/all: no such file or directory")
  }

  @Test func aFullMemoryIsAnErrorOfTheSecret() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/run/agenix.d")
    // A tmpfs of one page without swap: the second secret does not fit.
    let path = machine.inside("/run/agenix.d").string
    #expect(unsafe mount("test", path, "tmpfs", 0, "size=4k,noswap,mode=751") == 0)
    try machine.add("large", String(repeating: "x", count: 100_000))
    let error = try machine.failure(.secrets)
    #expect(error.failures.first?.hasSuffix("no space left on device") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
  }
}

@Suite(.enabled(if: isRoot, "needs root")) struct CrashTests {
  @Test func whatACutRunLeftIsRemoved() throws {
    let machine = try TestMachine()
    try machine.add("a", "text", path: "/etc/link")
    try machine.activate()
    // As if a run had been killed after it staged a copy and before the swap.
    try machine.makeDirectory("/run/agenix.d/7/nested")
    try machine.write("stale", to: "/run/agenix.d/7/nested/secret")
    try machine.makeDirectory("/run/agenix.d/.copies-7", mode: 0o700)
    try machine.write("stale", to: "/run/agenix.d/.copies-7/0")
    try machine.write("stale", to: "/etc/.adage-copy")
    try machine.link("/etc/.adage-link", to: "/run/agenix/b")
    try machine.write("not ours", to: "/etc/file")
    try machine.write(
      "adage record 1\nlink\t/etc/other\t/run/agenix/other\ntemporary\t/etc/.adage-copy\n"
        + "temporary\t/etc/.adage-link\ntemporary\t/etc/file\nnonsense\n",
      to: "/run/agenix.d/.record-7")
    try machine.write("stale", to: "/run/agenix.d/.adage-record")
    let report = try machine.activate()
    #expect(report.generation == 8)
    #expect(report.warnings == [])
    #expect(try machine.read("/etc/link") == "text")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: machine.inside("/etc").string).sorted()
        == ["file", "link"])
    let mount = try DirectoryDescriptor(opening: machine.inside("/run/agenix.d"))
    #expect(try mount.entries().map(\.string).sorted() == [".record-8", "8"])
  }

  @Test func aRunCutAfterTheSwapIsCompleted() throws {
    let machine = try TestMachine()
    try machine.add("a", "text", path: "/etc/link")
    try machine.activate()
    try machine.makeDirectory("/run/agenix.d/2")
    try FileManager.default.removeItem(atPath: machine.inside("/run/agenix").string)
    try machine.link("/run/agenix", to: "/run/agenix.d/2")
    #expect(try machine.activate().generation == 3)
    #expect(try machine.read("/etc/link") == "text")
    #expect(!machine.exists("/run/agenix.d/1"))
    #expect(!machine.exists("/run/agenix.d/2"))
  }

  @Test func whatIsNotOursInTheMountPointStays() throws {
    let machine = try TestMachine()
    try machine.activate()
    try machine.makeDirectory("/run/agenix.d/keep")
    try machine.makeDirectory("/run/agenix.d/007")
    try machine.activate()
    #expect(machine.exists("/run/agenix.d/keep"))
    #expect(machine.exists("/run/agenix.d/007"))
  }
}
