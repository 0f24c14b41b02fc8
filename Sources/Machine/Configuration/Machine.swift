import Glibc
package import SystemFiles
internal import SystemPackage

/// What a configuration may ask about the machine that it is for.
package protocol Machine {
  /// nil if there is no such user.
  func user(named name: String) throws(SystemFilesError) -> UserAccount?

  /// The names of the users that can be listed.
  var userNames: [String] { get }

  /// The user who evaluates; root installs for the machine, everybody else for themselves.
  var runningUser: UserAccount { get }

  /// Who became root to evaluate, and is trusted like root with what the configuration says.
  var invokingUser: UserAccount? { get }

  /// A user's directory for what lives as long as the session, if there is one.
  var runtimeDirectory: String? { get }

  /// Whether something is at a path.
  func exists(_ path: String) -> Bool
}

/// The machine that this program runs on.
package struct LocalMachine: Machine {
  package let runningUser: UserAccount
  package let invokingUser: UserAccount?
  package let runtimeDirectory: String?

  /// - Parameter environment: where `XDG_RUNTIME_DIR` and `SUDO_UID` are looked up.
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
  }

  package func user(named name: String) throws(SystemFilesError) -> UserAccount? {
    try Accounts.user(named: name)
  }

  package var userNames: [String] { Accounts.userNames() }

  package func exists(_ path: String) -> Bool { (try? FileStatus(FilePath(path))) != nil }
}
