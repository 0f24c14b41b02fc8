internal import SystemFiles
internal import SystemPackage

/// Whether only root and the user who became root could have written a file.
struct Trust {
  private let users: Set<UInt32>
  private let invokingUser: UserAccount?
  private var trusted: Set<String> = []

  init(invokingUser: UserAccount?) {
    users = Set([0] + [invokingUser?.id].compactMap { $0 })
    self.invokingUser = invokingUser
  }

  /// Checks a file and every directory above it; the path must have no links left in it.
  mutating func check(_ path: FilePath) throws(ConfigurationError) {
    if trusted.contains(path.string) { return }
    if path.lastComponent != nil { try check(path.removingLastComponent()) }
    let status: FileStatus
    do {
      status = try FileStatus(path, followingLinks: false)
    } catch {
      throw ConfigurationError(.file, error.description)
    }
    if let flaw = try flaw(of: status) {
      throw ConfigurationError(
        .untrusted, "evaluate as root: \(printable(path.string)) is not trusted: \(flaw)",
        hint: "make it belong to root or to you, and writable by nobody else")
    }
    trusted.insert(path.string)
  }

  private func flaw(of status: FileStatus) throws(ConfigurationError) -> String? {
    guard users.contains(status.owner) else {
      let name = try? Accounts.user(withID: status.owner)?.name
      return "it belongs to \(name ?? String(status.owner))"
    }
    // In a directory such as /tmp nobody can rename what belongs to somebody else.
    if status.kind == .directory && status.mode & 0o1000 != 0 { return nil }
    if status.mode & 0o002 != 0 { return "everybody can write to it" }
    if status.mode & 0o020 != 0 && !isTrusted(group: status.group) {
      let name = try? Accounts.group(withID: status.group)?.name
      return "the group \(name ?? String(status.group)) can write to it"
    }
    return nil
  }

  /// Root's group, and the group that many systems make for one user alone.
  private func isTrusted(group id: UInt32) -> Bool {
    if id == 0 { return true }
    guard let user = invokingUser, user.groupID == id, user.group == user.name,
      let group = try? Accounts.group(withID: id)
    else { return false }
    return group.members.allSatisfy { $0 == user.name }
  }
}
