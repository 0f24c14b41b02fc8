internal import NixExpression
package import SystemFiles
package import SystemPackage

/// A machine as a file describes it, for evaluating what another machine would make of a configuration.
///
/// The file is JSON: `hostName`; `users`, each with `uid`, `gid`, `group`, `home` and `shell`; `groups`, each with
/// `gid`; `hostKeys`, a list of `{ type, path }`; `programs`, the path of each by its name; `user`, who evaluates,
/// `root` by default. Everything may be left out.
package struct DescribedMachine: Machine {
  package let hostName: String
  package let hostKeys: [HostKey]
  package let runningUser: UserAccount
  package let runtimeDirectory: String?
  package var invokingUser: UserAccount? { nil }
  private let users: [UserAccount]
  private let groups: [GroupAccount]
  private let programs: [String: String]

  /// The most bytes that a description may have: 1 MiB.
  private static let limit = 1 << 20

  private static let root = UserAccount(
    name: "root", id: 0, groupID: 0, group: "root", home: "/root", shell: "/bin/sh")

  /// Reads a description.
  ///
  /// - Throws: `ConfigurationError` with the code `.machine`, or `.file` if the file cannot be read.
  package init(file: FilePath) throws(ConfigurationError) {
    let text: [UInt8]
    do throws(SystemFilesError) {
      text = try SystemFiles.readFile(file, limit: Self.limit)
    } catch {
      throw ConfigurationError(.file, error.description)
    }
    do throws(NixError) {
      self = try DescribedMachine(json: text)
    } catch {
      throw ConfigurationError(.machine, "\(printable(file.string)): \(error.message)")
    }
  }

  private init(json: [UInt8]) throws(NixError) {
    let evaluator = Evaluator()
    let reader = Reader(evaluator: evaluator)
    let description = try evaluator.value(json: json)
    for name in try evaluator.attributeNames(description) where !Self.known.contains(name) {
      throw NixError(.argument, "a machine has no '\(name)'")
    }
    users = try reader.members(of: description, "users").map { user throws(NixError) in
      UserAccount(
        name: user.name, id: try reader.id(user.value, "uid") ?? 0,
        groupID: try reader.id(user.value, "gid") ?? 0,
        group: try reader.string(user.value, "group"),
        home: try reader.string(user.value, "home") ?? "/",
        shell: try reader.string(user.value, "shell") ?? "/bin/sh")
    }
    groups = try reader.members(of: description, "groups").map { group throws(NixError) in
      GroupAccount(name: group.name, id: try reader.id(group.value, "gid") ?? 0)
    }
    var programs: [String: String] = [:]
    for (name, path) in try reader.members(of: description, "programs") {
      programs[name] = try evaluator.string(path)
    }
    self.programs = programs
    hostKeys = try reader.list(description, "hostKeys").map { key throws(NixError) in
      HostKey(
        type: try evaluator.string(try evaluator.select(key, ["type"])),
        path: try evaluator.string(try evaluator.select(key, ["path"])))
    }
    hostName = try reader.string(description, "hostName") ?? "localhost"
    runtimeDirectory = try reader.string(description, "runtimeDirectory")
    let user = try reader.string(description, "user") ?? "root"
    guard
      let running = users.first(where: { $0.name == user }) ?? (user == "root" ? Self.root : nil)
    else { throw NixError(.argument, "the machine has no user '\(user)'") }
    runningUser = running
  }

  private static let known = [
    "groups", "hostKeys", "hostName", "programs", "runtimeDirectory", "user", "users",
  ]

  package func user(named name: String) -> UserAccount? { users.first { $0.name == name } }
  package var userNames: [String] { users.map(\.name) }
  package func group(named name: String) -> GroupAccount? { groups.first { $0.name == name } }
  package var groupNames: [String] { groups.map(\.name) }
  package func program(named name: String) -> String? { programs[name] }
  package func exists(_ path: String) -> Bool { hostKeys.contains { $0.path == path } }
}

/// Takes values out of a description.
private struct Reader {
  let evaluator: Evaluator

  func members(of set: Value, _ name: String) throws(NixError) -> [(name: String, value: Value)] {
    guard let inner = try evaluator.attribute(name, of: set) else { return [] }
    return try evaluator.attributes(inner)
  }

  func list(_ set: Value, _ name: String) throws(NixError) -> [Value] {
    guard let value = try evaluator.attribute(name, of: set) else { return [] }
    return try evaluator.list(value)
  }

  func string(_ set: Value, _ name: String) throws(NixError) -> String? {
    guard let value = try evaluator.attribute(name, of: set) else { return nil }
    return try evaluator.string(value)
  }

  func id(_ set: Value, _ name: String) throws(NixError) -> UInt32? {
    guard let value = try evaluator.attribute(name, of: set) else { return nil }
    guard let id = UInt32(exactly: try evaluator.int(value)) else {
      throw NixError(.argument, "'\(name)' is no number of an account")
    }
    return id
  }
}
