import Configuration
import Foundation
import Plan
import SystemFiles
import SystemPackage
import Testing

let isRoot = getuid() == 0

/// A machine with three users, and the host keys that it is told to have.
struct FakeMachine: Machine {
  static let root = UserAccount(
    name: "root", id: 0, groupID: 0, group: "root", home: "/root", shell: "/bin/sh")
  static let arthur = UserAccount(
    name: "arthur", id: 1000, groupID: 100, group: "users", home: "/home/arthur", shell: "/bin/sh")
  static let postgres = UserAccount(
    name: "postgres", id: 71, groupID: 71, group: "postgres", home: "/var/lib/postgresql",
    shell: "/bin/sh")
  /// Known to a directory service that lists nobody.
  static let hidden = UserAccount(
    name: "hidden-user", id: 5000, groupID: 5000, group: nil, home: "/home/hidden",
    shell: "/bin/sh")

  var runningUser = FakeMachine.arthur
  var invokingUser: UserAccount?
  var runtimeDirectory: String? = "/run/user/1000"
  var files: Set<String> = []
  var hostName: String { "atlas" }
  var userNames: [String] { ["root", "arthur", "postgres"] }
  var groupNames: [String] { ["root", "users"] }
  var hostKeys: [HostKey] {
    files.filter { $0.hasPrefix("/etc/ssh/") }.sorted().map { HostKey(type: "ed25519", path: $0) }
  }
  /// The usual ones of a Debian.
  var programs = [
    "bash", "env", "find", "grep", "ls", "notify-send", "restic", "sed", "ssh", "systemctl",
  ].reduce(into: [:]) { $0[$1] = "/usr/bin/\($1)" }

  func user(named name: String) throws(SystemFilesError) -> UserAccount? {
    [Self.root, Self.arthur, Self.postgres, Self.hidden].first { $0.name == name }
  }

  func group(named name: String) throws(SystemFilesError) -> GroupAccount? {
    name == "users" ? GroupAccount(name: "users", id: 100) : nil
  }

  func program(named name: String) -> String? { programs[name] }

  func exists(_ path: String) -> Bool { files.contains(path) }

  /// The machine as root sees it.
  static var asRoot: FakeMachine {
    var machine = FakeMachine()
    machine.runningUser = root
    machine.runtimeDirectory = nil
    machine.files = ["/etc/ssh/ssh_host_ed25519_key"]
    return machine
  }
}

/// A directory with configurations, removed when the test lets go of it.
final class Repository {
  let path: FilePath

  init() throws {
    let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(
      path: "adage-configuration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    path = FilePath(url.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  @discardableResult
  func write(_ text: String, to name: String = "machine.nix") throws -> FilePath {
    let file = path.appending(FilePath(name).components)
    try FileManager.default.createDirectory(
      atPath: file.removingLastComponent().string, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o755])
    try Data(text.utf8).write(to: URL(filePath: file.string))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.string)
    return file
  }

  func set(_ attributes: [FileAttributeKey: Any], of name: String) throws {
    try FileManager.default.setAttributes(
      attributes, ofItemAtPath: path.appending(FilePath(name).components).string)
  }

  func read(
    _ name: String = "machine.nix", _ machine: FakeMachine = FakeMachine(),
    allowRead: Bool = false
  ) throws -> Configuration {
    try Configuration.read(
      path.appending(FilePath(name).components), machine: machine,
      rules: Configuration.Rules(allowRead: allowRead))
  }

  /// What the text of a module means; the module stays in the repository.
  func evaluate(_ text: String, _ machine: FakeMachine = FakeMachine()) throws -> Configuration {
    try read(write(text).lastComponent!.string, machine)
  }

  /// The error of a module that must fail.
  func failure(
    _ text: String, _ machine: FakeMachine = FakeMachine()
  ) throws -> ConfigurationError {
    try #require(throws: ConfigurationError.self) { _ = try evaluate(text, machine) }
  }
}
