import Synchronization
internal import SystemPackage

/// A user of this machine.
package struct UserAccount: Sendable, Equatable {
  package let name: String
  package let id: UInt32
  package let groupID: UInt32
  /// The name of the primary group; nil if no group has its number.
  package let group: String?
  package let home: String
  package let shell: String

  package init(
    name: String, id: UInt32, groupID: UInt32, group: String?, home: String, shell: String
  ) {
    self.name = name
    self.id = id
    self.groupID = groupID
    self.group = group
    self.home = home
    self.shell = shell
  }
}

/// A group of this machine.
package struct GroupAccount: Sendable, Equatable {
  package let name: String
  package let id: UInt32
  /// The users that are listed in it; those whose primary group it is are not.
  package let members: [String]

  package init(name: String, id: UInt32, members: [String] = []) {
    self.name = name
    self.id = id
    self.members = members
  }
}

/// The accounts that the system knows: those in `/etc/passwd` and `/etc/group`, then those that
/// `getent` gives, such as a directory service's. Each is looked up once in a run.
///
/// The program is linked statically, and the C library's own look-ups (`getpwnam`) would load modules
/// into it that must fit the version it was built with. `getent` is that library's own program.
package enum Accounts {
  /// nil if there is no such user.
  package static func user(named name: String) throws(SystemFilesError) -> UserAccount? {
    try user(.name(name))
  }

  /// nil if there is no such user.
  package static func user(withID id: UInt32) throws(SystemFilesError) -> UserAccount? {
    try user(.id(id))
  }

  /// nil if there is no such group.
  package static func group(named name: String) throws(SystemFilesError) -> GroupAccount? {
    try group(.name(name))
  }

  /// nil if there is no such group.
  package static func group(withID id: UInt32) throws(SystemFilesError) -> GroupAccount? {
    try group(.id(id))
  }

  /// The names of the users in `/etc/passwd`.
  package static func userNames() throws(SystemFilesError) -> [String] {
    try lines(of: .passwd).map { $0[0] }
  }

  /// The names of the groups in `/etc/group`.
  package static func groupNames() throws(SystemFilesError) -> [String] {
    try lines(of: .group).map { $0[0] }
  }

  /// The tables, with how many fields their lines have.
  private enum Table: String {
    case passwd, group

    var fields: Int { self == .passwd ? 7 : 4 }
  }

  /// What an account is looked up by.
  private enum Key: Hashable {
    case name(String)
    case id(UInt32)

    var text: String {
      switch self {
      case .name(let name): name
      case .id(let id): String(id)
      }
    }

    /// A name of digits is a number to `getent`, but not to us.
    func matches(_ line: [String]) -> Bool {
      switch self {
      case .name(let name): line[0] == name
      case .id(let id): UInt32(line[2]) == id
      }
    }
  }

  private struct Question: Hashable {
    let table: Table
    let key: Key
  }

  /// The lines that were found, and nil where there was none.
  private static let answers = Mutex<[Question: [String]?]>([:])

  private static func user(_ key: Key) throws(SystemFilesError) -> UserAccount? {
    guard let line = try line(of: .passwd, key), let id = UInt32(line[2]),
      let groupID = UInt32(line[3])
    else { return nil }
    return UserAccount(
      name: line[0], id: id, groupID: groupID, group: try group(withID: groupID)?.name,
      home: line[5], shell: line[6])
  }

  private static func group(_ key: Key) throws(SystemFilesError) -> GroupAccount? {
    guard let line = try line(of: .group, key), let id = UInt32(line[2]) else { return nil }
    return GroupAccount(
      name: line[0], id: id,
      members: line[3].utf8.split(separator: UInt8(ascii: ",")).map {
        String(Substring($0))
      })
  }

  /// The fields of an account's line.
  private static func line(of table: Table, _ key: Key) throws(SystemFilesError) -> [String]? {
    let question = Question(table: table, key: key)
    if let known = answers.withLock({ $0[question] }) { return known }
    var line = try lines(of: table).first(where: key.matches)
    if line == nil {
      line = fields(of: try getent(table.rawValue, key.text), table).first(where: key.matches)
    }
    answers.withLock { $0[question] = .some(line) }
    return line
  }

  private static func lines(of table: Table) throws(SystemFilesError) -> [[String]] {
    do throws(SystemFilesError) {
      let file = try readFile(FilePath("/etc/\(table.rawValue)"), limit: 16 << 20)
      return fields(of: String(decoding: file, as: UTF8.self), table)
    } catch  where error.code == .notFound {
      return []
    }
  }

  private static func fields(of text: String, _ table: Table) -> [[String]] {
    fields(of: text, count: table.fields)
  }

  /// The fields of the lines that have `count` of them.
  static func fields(of text: String, count: Int) -> [[String]] {
    // By bytes: a combining mark after a colon makes one character with it.
    text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
      line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
    }
    .filter { $0.count == count }
  }
}
