extension Accounts {
  /// The numbers of all groups that a user is in, its primary one first.
  package static func groupIDs(of user: UserAccount) throws(SystemFilesError) -> [UInt32] {
    var ids = [user.groupID]
    for name in try groupNames() {
      if let group = try group(named: name), group.members.contains(user.name) {
        ids.append(group.id)
      }
    }
    // Those of a directory service, too.
    ids += try getent("initgroups", user.name).split { $0 == " " || $0 == "\n" }.dropFirst()
      .compactMap { UInt32($0) }
    var seen: Set<UInt32> = []
    return ids.filter { seen.insert($0).inserted }
  }
}
