package import SystemFiles

/// A key by which a machine's SSH server is known.
package struct HostKey: Sendable, Equatable {
  /// `ed25519` or `rsa`.
  package let type: String
  package let path: String

  package init(type: String, path: String) {
    self.type = type
    self.path = path
  }
}

/// What a configuration may ask about the machine that it is for.
package protocol Machine {
  var hostName: String { get }

  /// nil if there is no such user.
  func user(named name: String) throws(SystemFilesError) -> UserAccount?

  /// The names of the users that can be listed.
  var userNames: [String] { get }

  /// nil if there is no such group.
  func group(named name: String) throws(SystemFilesError) -> GroupAccount?

  /// The names of the groups that can be listed.
  var groupNames: [String] { get }

  /// The SSH server's keys, those of the types that open secrets.
  var hostKeys: [HostKey] { get }

  /// The absolute path of a program; nil if it is not installed.
  func program(named name: String) -> String?

  /// The user who evaluates; root installs for the machine, everybody else for themselves.
  var runningUser: UserAccount { get }

  /// Who became root to evaluate, and is trusted like root with what the configuration says.
  var invokingUser: UserAccount? { get }

  /// A user's directory for what lives as long as the session, if there is one.
  var runtimeDirectory: String? { get }

  /// Whether something is at a path.
  func exists(_ path: String) -> Bool
}

extension Machine {
  /// What opens secrets where a configuration does not say: for the machine its host keys, for a user the
  /// keys that ssh uses.
  var defaultIdentityPaths: [String] {
    if runningUser.id == 0 { return hostKeys.map(\.path) }
    let home = runningUser.home
    return ["\(home)/.ssh/id_ed25519", "\(home)/.ssh/id_rsa"].filter(exists)
  }
}
