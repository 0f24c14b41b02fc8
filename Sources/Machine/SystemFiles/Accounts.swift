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
/// `getent` gives, such as a directory service's.
///
/// The program is linked statically, and the C library's own look-ups (`getpwnam`) would load modules
/// into it that must fit the version it was built with. `getent` is that library's own program.
package enum Accounts {
  /// nil if there is no such user.
  package static func user(named name: String) throws(SystemFilesError) -> UserAccount? {
    try user(name) { $0[0] == name }
  }

  /// nil if there is no such user.
  package static func user(withID id: UInt32) throws(SystemFilesError) -> UserAccount? {
    try user(String(id)) { UInt32($0[2]) == id }
  }

  /// nil if there is no such group.
  package static func group(named name: String) throws(SystemFilesError) -> GroupAccount? {
    try group(name) { $0[0] == name }
  }

  /// nil if there is no such group.
  package static func group(withID id: UInt32) throws(SystemFilesError) -> GroupAccount? {
    try group(String(id)) { UInt32($0[2]) == id }
  }

  /// The names of the users in `/etc/passwd`.
  package static func userNames() throws(SystemFilesError) -> [String] {
    try lines(of: .passwd).map { String($0[0]) }
  }

  /// The tables, with how many fields their lines have.
  private enum Table: String {
    case passwd, group

    var fields: Int { self == .passwd ? 7 : 4 }
  }

  private static func user(
    _ key: String, _ isMeant: ([Substring]) -> Bool
  ) throws(SystemFilesError) -> UserAccount? {
    guard let line = try line(of: .passwd, key, isMeant), let id = UInt32(line[2]),
      let groupID = UInt32(line[3])
    else { return nil }
    return UserAccount(
      name: String(line[0]), id: id, groupID: groupID, group: try group(withID: groupID)?.name,
      home: String(line[5]), shell: String(line[6]))
  }

  private static func group(
    _ key: String, _ isMeant: ([Substring]) -> Bool
  ) throws(SystemFilesError) -> GroupAccount? {
    guard let line = try line(of: .group, key, isMeant), let id = UInt32(line[2])
    else { return nil }
    return GroupAccount(
      name: String(line[0]), id: id, members: line[3].split(separator: ",").map(String.init))
  }

  /// The fields of the first line that is meant, in the file and then in what `getent` says.
  private static func line(
    of table: Table, _ key: String, _ isMeant: ([Substring]) -> Bool
  ) throws(SystemFilesError) -> [Substring]? {
    if let line = try lines(of: table).first(where: isMeant) { return line }
    let answer = try getent(table.rawValue, key)
    // A name of digits is a number to `getent`; what it finds then is not meant.
    return fields(of: answer, table).first(where: isMeant)
  }

  private static func lines(of table: Table) throws(SystemFilesError) -> [[Substring]] {
    do throws(SystemFilesError) {
      let file = try readFile(FilePath("/etc/\(table.rawValue)"), limit: 16 << 20)
      return fields(of: String(decoding: file, as: UTF8.self), table)
    } catch  where error.code == .notFound {
      return []
    }
  }

  private static func fields(of text: String, _ table: Table) -> [[Substring]] {
    text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
      .filter { $0.count == table.fields }
  }
}
