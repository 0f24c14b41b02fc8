import Glibc
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

/// The accounts that the system knows (`getpwnam_r` and its kin).
package enum Accounts {
  /// nil if there is no such user.
  package static func user(named name: String) throws(SystemFilesError) -> UserAccount? {
    try unsafe user(about: name) { unsafe getpwnam_r(name, $0, $1, $2, $3) }
  }

  /// nil if there is no such user.
  package static func user(withID id: UInt32) throws(SystemFilesError) -> UserAccount? {
    try unsafe user(about: String(id)) { unsafe getpwuid_r(id, $0, $1, $2, $3) }
  }

  /// nil if there is no such group.
  package static func group(named name: String) throws(SystemFilesError) -> GroupAccount? {
    try unsafe group(about: name) { unsafe getgrnam_r(name, $0, $1, $2, $3) }
  }

  /// nil if there is no such group.
  package static func group(withID id: UInt32) throws(SystemFilesError) -> GroupAccount? {
    try unsafe group(about: String(id)) { unsafe getgrgid_r(id, $0, $1, $2, $3) }
  }

  /// The names of all users that the system is willing to list; a directory service may not be.
  package static func userNames() -> [String] {
    // getpwent has one position for the whole process.
    listing.withLock { _ in
      setpwent()
      defer { endpwent() }
      var names: [String] = []
      while let entry = unsafe getpwent() {
        names.append(unsafe String(cString: entry.pointee.pw_name))
      }
      return names
    }
  }

  private static let listing = Mutex(())

  /// The texts of an array that ends with a null pointer.
  private static func strings(
    _ array: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) -> [String] {
    guard var next = unsafe array else { return [] }
    var texts: [String] = []
    while let text = unsafe next.pointee {
      texts.append(unsafe String(cString: text))
      unsafe next += 1
    }
    return texts
  }

  private static func user(
    about name: String,
    _ find: (
      UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32
  ) throws(SystemFilesError) -> UserAccount? {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    // The strings that the entry points to live in the buffer.
    return try unsafe withGrowingBuffer("look up user", name) { buffer, size in
      unsafe find(&entry, buffer, size, &found)
    } then: { () throws(SystemFilesError) in
      guard unsafe found != nil else { return nil }
      return UserAccount(
        name: unsafe String(cString: entry.pw_name), id: unsafe entry.pw_uid,
        groupID: unsafe entry.pw_gid, group: try group(withID: unsafe entry.pw_gid)?.name,
        home: unsafe String(cString: entry.pw_dir), shell: unsafe String(cString: entry.pw_shell))
    }
  }

  private static func group(
    about name: String,
    _ find: (
      UnsafeMutablePointer<Glibc.group>, UnsafeMutablePointer<CChar>, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<Glibc.group>?>
    ) -> Int32
  ) throws(SystemFilesError) -> GroupAccount? {
    var entry = unsafe Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    return try unsafe withGrowingBuffer("look up group", name) { buffer, size in
      unsafe find(&entry, buffer, size, &found)
    } then: { () throws(SystemFilesError) in
      guard unsafe found != nil else { return nil }
      return GroupAccount(
        name: unsafe String(cString: entry.gr_name), id: unsafe entry.gr_gid,
        members: unsafe strings(entry.gr_mem))
    }
  }

  /// Calls with a larger buffer as long as the answer does not fit (`ERANGE`).
  private static func withGrowingBuffer<R>(
    _ operation: String, _ name: String,
    _ find: (UnsafeMutablePointer<CChar>, Int) -> Int32,
    then use: () throws(SystemFilesError) -> R?
  ) throws(SystemFilesError) -> R? {
    var size = 1024
    while true {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { unsafe buffer.deallocate() }
      let number = Errno(rawValue: unsafe find(buffer, size))
      switch number.rawValue {
      case 0: return try use()
      case ERANGE where size < 1 << 24: size *= 2
      case EINTR: continue
      // What the manual lists as "not found, or not there".
      case ENOENT, ESRCH, EBADF, EPERM: return nil
      default: throw SystemFilesError(operation, FilePath(name), number)
      }
    }
  }
}
