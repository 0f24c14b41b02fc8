import Configuration
import Foundation
import Plan
import SystemFiles
import SystemPackage
import Testing

@Suite(.enabled(if: isRoot, "needs root")) struct TrustTests {
  private func error(
    _ repository: Repository, _ name: String = "machine.nix", _ machine: FakeMachine = .asRoot
  ) throws -> ConfigurationError {
    try #require(throws: ConfigurationError.self) { _ = try repository.read(name, machine) }
  }

  @Test func rootReadsOnlyTheConfigurationsOwnDirectory() throws {
    let repository = try Repository()
    let outside = try Repository()
    try outside.write("{ age.identityPaths = [ \"/outside\" ]; }", to: "other.nix")
    try repository.write("{ imports = [ \(outside.path)/other.nix ]; }")
    let error = try error(repository)
    #expect(error.code == .denied)
    #expect(
      error.description
        == "evaluate as root: \(outside.path)/other.nix is outside of the configuration's repository, \(repository.path)"
    )
    #expect(error.hint == "--allow-read permits reading it")
    let plan = try repository.read("machine.nix", .asRoot, allowRead: true).plan
    #expect(plan.identityPaths == ["/outside"])
    #expect(try repository.read().plan.identityPaths == ["/outside"])
  }

  @Test(arguments: [
    "builtins.readFile /etc/hostname", "builtins.attrNames (builtins.readDir /etc)",
    "if builtins.pathExists /etc/passwd then \"/a\" else \"/b\"", "import /etc/passwd",
    "builtins.readFile ./link", "builtins.readFile ./directory/passwd",
    "builtins.readFile ./sub/../../x",
  ])
  func thereIsNoWayOut(expression: String) throws {
    let repository = try Repository()
    try FileManager.default.createSymbolicLink(
      atPath: repository.path.appending("link").string, withDestinationPath: "/etc/passwd")
    try FileManager.default.createSymbolicLink(
      atPath: repository.path.appending("directory").string, withDestinationPath: "/etc")
    try repository.write("{ age.identityPaths = [ (\(expression)) ]; }")
    let error = try error(repository)
    #expect(error.code == .denied || error.code == .evaluation)
    #expect(!error.description.contains("root:x:0"))
    if !expression.contains("sub") { #expect(error.code == .denied) }
  }

  @Test func theRepositoryIsWhereGitBegins() throws {
    let repository = try Repository()
    try repository.write("", to: ".git/HEAD")
    try repository.write("{ age.secretsDir = \"/run/x\"; }", to: "shared/common.nix")
    try repository.write(
      "{ imports = [ ../../shared/common.nix ]; }", to: "machines/atlas/machine.nix")
    let plan = try repository.read("machines/atlas/machine.nix", .asRoot).plan
    #expect(plan.secretsDirectory == "/run/x")
  }

  @Test(arguments: [
    ("part.nix", [FileAttributeKey.ownerAccountID: 65534], "it belongs to nobody"),
    ("part.nix", [.posixPermissions: 0o666], "everybody can write to it"),
    (
      "part.nix", [.posixPermissions: 0o664, .groupOwnerAccountID: 1],
      "the group daemon can write to it"
    ),
    ("sub", [.ownerAccountID: 65534], "it belongs to nobody"),
    ("sub", [.posixPermissions: 0o777], "everybody can write to it"),
    (
      "sub", [.posixPermissions: 0o775, .groupOwnerAccountID: 1], "the group daemon can write to it"
    ),
  ])
  func whatOthersCouldHaveWrittenIsRefused(
    name: String, attributes: [FileAttributeKey: Int], reason: String
  ) throws {
    for imported in [true, false] {
      let repository = try Repository()
      try repository.write("{ age.identityPaths = [ \"/a\" ]; }", to: "sub/part.nix")
      try repository.write("{ imports = [ ./sub/part.nix ]; }")
      let path = name == "sub" ? "sub" : "sub/part.nix"
      try repository.set(attributes, of: path)
      let error = try error(repository, imported ? "machine.nix" : "sub/part.nix")
      #expect(error.code == .untrusted)
      #expect(
        error.description
          == "evaluate as root: \(repository.path)/\(path) is not trusted: \(reason)")
      #expect(error.hint == "make it belong to root or to you, and writable by nobody else")
      #expect(try repository.read().plan.identityPaths == ["/a"])
    }
  }

  @Test func readingAndPermissionToReadDoNotMakeTrust() throws {
    let repository = try Repository()
    try repository.write("/a", to: "list")
    try repository.set([.posixPermissions: 0o666], of: "list")
    try repository.write("{ age.identityPaths = [ (builtins.readFile ./list) ]; }")
    for allowRead in [true, false] {
      let error = try #require(throws: ConfigurationError.self) {
        _ = try repository.read("machine.nix", .asRoot, allowRead: allowRead)
      }
      #expect(error.code == .untrusted)
    }
  }

  @Test func whoBecameRootIsTrusted() throws {
    let repository = try Repository()
    try repository.write("{ age.identityPaths = [ \"/a\" ]; }")
    try repository.set([.ownerAccountID: 1000], of: "machine.nix")
    #expect(try error(repository).code == .untrusted)
    var machine = FakeMachine.asRoot
    machine.invokingUser = FakeMachine.arthur
    #expect(try repository.read("machine.nix", machine).plan.identityPaths == ["/a"])
    // A group of many users is not their own.
    try repository.set([.posixPermissions: 0o664, .groupOwnerAccountID: 100], of: "machine.nix")
    #expect(try error(repository, "machine.nix", machine).code == .untrusted)
  }

  @Test func aLinkToTheConfigurationIsFollowed() throws {
    let repository = try Repository()
    let elsewhere = try Repository()
    try repository.write("{ age.secrets.a.file = ./a.age; }")
    try FileManager.default.createSymbolicLink(
      atPath: elsewhere.path.appending("link").string,
      withDestinationPath: repository.path.appending("machine.nix").string)
    let plan = try elsewhere.read("link", .asRoot).plan
    #expect(plan.secrets[0].file == "\(repository.path)/a.age")
  }

  @Test func rootsEnvironmentIsNotSeen() throws {
    let repository = try Repository()
    try repository.write(
      "{ age.identityPaths = [ \"/${builtins.getEnv \"SECRET\"}\" ]; }")
    let rules = Configuration.Rules(environment: ["SECRET": "value"])
    let file = repository.path.appending("machine.nix")
    let root = try Configuration.read(file, machine: FakeMachine.asRoot, rules: rules)
    #expect(root.plan.identityPaths == ["/"])
    let user = try Configuration.read(file, machine: FakeMachine(), rules: rules)
    #expect(user.plan.identityPaths == ["/value"])
  }

  @Test func aFIFOIsNoConfiguration() throws {
    let repository = try Repository()
    let path = repository.path.appending("machine.nix").string
    #expect(unsafe mkfifo(path, 0o600) == 0)
    #expect(try error(repository).description == "read \(path): it is a FIFO")
  }
}

@Suite struct LocalMachineTests {
  @Test func itAnswersForTheMachine() throws {
    let machine = try LocalMachine(environment: ["XDG_RUNTIME_DIR": "/run/user/7"])
    #expect(machine.runningUser.id == geteuid())
    #expect(machine.runtimeDirectory == "/run/user/7")
    #expect(machine.invokingUser == nil)
    #expect(try machine.user(named: "root")?.home == "/root")
    #expect(machine.userNames.contains("root"))
    #expect(machine.exists("/etc/passwd"))
    #expect(!machine.exists("/nowhere"))
    #expect(try LocalMachine(environment: ["XDG_RUNTIME_DIR": "x"]).runtimeDirectory == nil)
  }

  @Test(.enabled(if: isRoot, "needs root")) func theInvokingUserIsSudos() throws {
    #expect(try LocalMachine(environment: ["SUDO_UID": "1"]).invokingUser?.name == "daemon")
    #expect(try LocalMachine(environment: ["SUDO_UID": "x"]).invokingUser == nil)
  }
}
