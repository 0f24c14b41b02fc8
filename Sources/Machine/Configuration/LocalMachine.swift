import Glibc
package import SystemFiles
internal import SystemPackage

/// The machine that this program runs on.
package struct LocalMachine: Machine {
  package let runningUser: UserAccount
  package let invokingUser: UserAccount?
  package let runtimeDirectory: String?
  /// Where programs are looked up, in order.
  private let searchPath: [String]

  /// What a machine's programs are looked up in after `PATH`, which may lack what only root uses.
  private static let standardPath = [
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
  ]

  /// - Parameter environment: where `XDG_RUNTIME_DIR`, `SUDO_UID` and `PATH` are looked up.
  package init(environment: [String: String]) throws(SystemFilesError) {
    let id = geteuid()
    // A container's user may have no entry.
    runningUser =
      try Accounts.user(withID: id)
      ?? UserAccount(
        name: String(id), id: id, groupID: getegid(), group: nil,
        home: environment["HOME"] ?? "/", shell: "/bin/sh")
    let runtime = environment["XDG_RUNTIME_DIR"]
    runtimeDirectory = runtime?.hasPrefix("/") == true ? runtime : nil
    if id == 0, let invoking = environment["SUDO_UID"].flatMap(UInt32.init) {
      invokingUser = try Accounts.user(withID: invoking)
    } else {
      invokingUser = nil
    }
    let path = environment["PATH"]?.split(separator: ":").map(String.init) ?? []
    searchPath = path.filter { $0.hasPrefix("/") } + Self.standardPath
  }

  /// The machine, for those who tell errors of a configuration.
  package static func current(
    _ environment: [String: String]
  ) throws(ConfigurationError) -> LocalMachine {
    do {
      return try LocalMachine(environment: environment)
    } catch {
      throw ConfigurationError(.machine, error.description)
    }
  }

  package var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    let full = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return full.split(separator: ".").first.map(String.init) ?? "localhost"
  }

  package func user(named name: String) throws(SystemFilesError) -> UserAccount? {
    try Accounts.user(named: name)
  }

  package var userNames: [String] { (try? Accounts.userNames()) ?? [] }

  package func group(named name: String) throws(SystemFilesError) -> GroupAccount? {
    try Accounts.group(named: name)
  }

  package var groupNames: [String] { (try? Accounts.groupNames()) ?? [] }

  package var hostKeys: [HostKey] {
    ["ed25519", "rsa"].map { HostKey(type: $0, path: "/etc/ssh/ssh_host_\($0)_key") }
      .filter { exists($0.path) }
  }

  package func program(named name: String) -> String? {
    guard !name.isEmpty, !name.contains("/") else { return nil }
    return searchPath.lazy.map { "\($0)/\(name)" }.first { path in
      guard let status = try? FileStatus(FilePath(path)) else { return false }
      guard status.kind == .regular else { return false }
      return unsafe access(path, X_OK) == 0
    }
  }

  package func exists(_ path: String) -> Bool { (try? FileStatus(FilePath(path))) != nil }
}
