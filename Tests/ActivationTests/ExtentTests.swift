import Activation
import Age
import Foundation
import Keyring
import Plan
import SecretMemory
import SystemFiles
import SystemPackage
import Testing

/// Answers every question with one password, and counts them.
private final class Person: Prompter, @unchecked Sendable {
  private let password: String?
  private(set) var questions: [String] = []

  init(_ password: String?) { self.password = password }

  func secret(_ prompt: String) throws(AgeError) -> SecretBytes {
    questions.append(prompt)
    guard let password else { throw AgeError(.cancelled, "ask for \(prompt): nobody answered") }
    do { return try SecretBytes(copying: Array(password.utf8)) } catch { throw AgeError(error) }
  }

  func answer(_ prompt: String) throws(AgeError) -> String { "" }
  func confirm(_ question: String, yes: String, no: String?) throws(AgeError) -> Bool { true }
  func show(_ message: String) {}
}

/// What is installed at boot, when some secrets are better than none.
@Suite(.enabled(if: isRoot, "needs root")) struct ExtentTests {
  private func boot(_ machine: TestMachine) throws -> ActivationReport {
    try Activation(machine.plan, root: machine.root, .withoutAsking).run()
  }

  private func late(_ machine: TestMachine, _ person: Person) throws -> ActivationReport {
    try Activation(
      machine.plan, root: machine.root, .whatOpens, keyring: Keyring(prompter: person)
    ).run()
  }

  /// A machine whose secrets `late` and `placed` need a key with the password `open sesame`.
  private func machine() throws -> TestMachine {
    let machine = try TestMachine()
    let key = try machine.sshKey("ed25519", password: "open sesame")
    machine.plan.identityPaths.append(key.privateKey)
    try machine.add("early", "at once")
    try machine.add("a/late", "later", for: key.publicKey)
    try machine.add("placed", "elsewhere", for: key.publicKey, path: "/etc/placed")
    return machine
  }

  @Test func whatFailsIsLeftOutOfTheFirstGeneration() throws {
    let machine = try TestMachine()
    try machine.add("good", "text", path: "/etc/good")
    try machine.add("damaged", path: "/etc/damaged")
    try machine.damage("damaged")
    try machine.add("unknown", owner: "no-such-user")
    try machine.add("occupied", path: "/etc/directory", symlink: false)
    try machine.makeDirectory("/etc/directory/x")
    let report = try boot(machine)
    #expect(report.secrets == ["good", "occupied"])
    #expect(report.deferred == [])
    let failure = try #require(report.failure)
    #expect(
      failure.reason == "activate: 3 of 4 secrets cannot be installed; generation 1 has the others")
    #expect(
      failure.failures.map { $0.prefix { $0 != ":" } } == [
        "secret damaged", "secret unknown", "secret occupied",
      ])
    #expect(try machine.read("/etc/good") == "text")
    #expect(!machine.exists("/etc/damaged"))
    #expect(!machine.exists("/run/agenix.d/1/damaged"))
    #expect(!machine.exists("/run/agenix.d/1/unknown"))
  }

  @Test func nothingIsInstalledIfNothingOpens() throws {
    let machine = try TestMachine()
    try machine.add("damaged")
    try machine.damage("damaged")
    let error = try #require(throws: ActivationError.self) { _ = try boot(machine) }
    #expect(error.reason == "activate: 1 of 1 secret cannot be installed; nothing was changed")
    #expect(!machine.exists("/run/agenix"))
  }

  @Test func whatIsLiveIsNotLost() throws {
    let machine = try TestMachine()
    try machine.add("good", "text")
    try machine.add("other", "text", path: "/etc/other", symlink: false)
    try machine.activate()
    try machine.add("new")
    try machine.damage("new")
    #expect(try boot(machine).secrets == ["good", "other"])
    let before = try machine.picture()
    for name in ["good", "other"] {
      let file = try #require(machine.plan.secrets.first { $0.name == name }).file
      let text = try Data(contentsOf: URL(filePath: file))
      try machine.damage(name)
      let error = try #require(throws: ActivationError.self) { _ = try boot(machine) }
      #expect(
        error.reason == "activate: 2 of 3 secrets cannot be installed; nothing was changed")
      #expect(try machine.picture() == before)
      try text.write(to: URL(filePath: file))
    }
  }

  @Test func aPlaceThatIsTakenAwayIsNotLost() throws {
    let machine = try TestMachine()
    try machine.add("placed", "text", path: "/etc/new/placed")
    try machine.activate()
    try FileManager.default.removeItem(atPath: machine.inside("/etc/new/placed").string)
    try machine.makeDirectory("/etc/new/placed/x")
    let error = try #require(throws: ActivationError.self) { _ = try boot(machine) }
    #expect(error.code == .placement)
  }

  @Test func whatNeedsSomebodyWaits() throws {
    let machine = try machine()
    let report = try boot(machine)
    #expect(report.secrets == ["early"])
    #expect(report.deferred == ["a/late", "placed"])
    #expect(report.failure == nil)
    #expect(!machine.exists("/etc/placed"))
    let person = Person("open sesame")
    #expect(try late(machine, person).secrets == ["early", "a/late", "placed"])
    #expect(person.questions.count == 1)
    #expect(try machine.read("/run/agenix/a/late") == "later")
    #expect(try machine.read("/etc/placed") == "elsewhere")
  }

  @Test func whatWaitsStaysAsItWas() throws {
    let machine = try machine()
    let key = try #require(machine.plan.identityPaths.last)
    try machine.add(
      "copied", "on a disk", for: String(contentsOfFile: key + ".pub", encoding: .utf8),
      path: "/etc/copied", symlink: false)
    _ = try late(machine, Person("open sesame"))
    machine.plan.secrets[1].mode = "0440"
    let report = try boot(machine)
    #expect(report.generation == 2)
    #expect(report.deferred == ["a/late", "placed", "copied"])
    #expect(report.removed == [])
    #expect(try machine.read("/run/agenix/a/late") == "later")
    #expect(try machine.status("/run/agenix.d/2/a/late").mode == 0o440)
    #expect(try machine.read("/etc/placed") == "elsewhere")
    #expect(try machine.read("/etc/copied") == "on a disk")
    // It is still known whose the copy is.
    machine.plan.secrets.removeLast()
    #expect(try boot(machine).removed == ["/etc/copied"])
  }

  @Test(arguments: ["wrong", nil]) func whoDoesNotAnswerStopsNobodyElse(answer: String?) throws {
    let machine = try machine()
    _ = try boot(machine)
    let person = Person(answer)
    let report = try late(machine, person)
    #expect(report.secrets == ["early"])
    #expect(report.failure?.failures.count == 2)
    #expect(person.questions.count == 1)
    #expect(try machine.read("/run/agenix/early") == "at once")
  }

  @Test func aKeyThatIsNotASecretsOwnIsNoReasonToWait() throws {
    let machine = try machine()
    try machine.add("foreign")
    let file = try Age.encrypt(
      SecretBytes(copying: [1]), recipients: [X25519Identity().recipient])
    try Data(file).write(to: URL(filePath: machine.plan.secrets[3].file))
    let report = try boot(machine)
    #expect(report.deferred == ["a/late", "placed"])
    #expect(report.failure?.failures.count == 1)
  }

  @Test func secretsThatAsk() throws {
    let machine = try machine()
    #expect(machine.activation.secretsThatAsk() == ["a/late", "placed"])
    machine.plan.identityPaths.removeLast()
    #expect(machine.activation.secretsThatAsk() == [])
    let plugin = machine.directory.appending("plugin").string
    try Data("AGE-PLUGIN-FOOBAR-1QVHULF\n".utf8).write(to: URL(filePath: plugin))
    machine.plan.identityPaths.append(plugin)
    #expect(machine.activation.secretsThatAsk() == ["a/late", "placed"])
  }
}

@Suite(.enabled(if: isRoot, "needs root")) struct MountedMemoryTests {
  /// As systemd mounts it, which knows of no group `keys`.
  @Test func memoryThatIsThereGetsItsMode() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/run/agenix.d")
    try DirectoryDescriptor(opening: machine.inside("/run/agenix.d")).mount(.ramfs, mode: 0o700)
    try machine.add("a")
    #expect(try machine.activate().generation == 1)
    #expect(try machine.status("/run/agenix.d").mode == 0o751)
    let group = try Accounts.group(named: "keys")?.id ?? 0
    #expect(try machine.status("/run/agenix.d").group == group)
  }
}
