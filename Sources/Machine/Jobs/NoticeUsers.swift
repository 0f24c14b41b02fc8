internal import SystemFiles
internal import SystemPackage

/// The users whose desktops are to show a notice, as they are found when it is sent.
struct Recipients: Sendable {
  private(set) var users: [UserAccount] = []
  private(set) var warnings: [String] = []

  /// - Parameter names: nil for everybody.
  init(_ names: [String]?) {
    do throws(SystemFilesError) {
      guard let names else {
        users = try Self.everybody()
        return
      }
      for name in names {
        if let user = try Accounts.user(named: name) {
          users.append(user)
        } else {
          warnings.append("there is no user \(name.cleaned(limit: 60))")
        }
      }
    } catch {
      warnings.append("\(error)")
    }
  }

  /// The numbers that people have, not services: those of login.defs(5) and of systemd-homed.
  static let people: ClosedRange<UInt32> = 1000...60513

  /// The people that the machine has accounts for, and those of other directories who have a session.
  private static func everybody() throws(SystemFilesError) -> [UserAccount] {
    var users: [UInt32: UserAccount] = [:]
    for name in try Accounts.userNames() {
      guard let user = try Accounts.user(named: name), isPerson(user) else { continue }
      users[user.id] = user
    }
    for id in try withSessions() where users[id] == nil {
      guard let user = try Accounts.user(withID: id), isPerson(user) else { continue }
      users[id] = user
    }
    return users.values.sorted { $0.id < $1.id }
  }

  /// Whether somebody may log in as this user: a person's number, a home directory and a shell.
  static func isPerson(_ user: UserAccount) -> Bool {
    let shell = FilePath(user.shell).lastComponent?.string ?? ""
    return people.contains(user.id) && !["nologin", "false"].contains(shell)
      && (try? FileStatus(FilePath(user.home)))?.kind == .directory
  }

  /// The users who have a session, or a manager of their own without one: `/run/user/UID`.
  private static func withSessions() throws(SystemFilesError) -> [UInt32] {
    do throws(SystemFilesError) {
      return try DirectoryDescriptor(opening: "/run/user").entries().compactMap {
        UInt32($0.string)
      }
    } catch {
      if error.code == .notFound { return [] }
      throw error
    }
  }
}
