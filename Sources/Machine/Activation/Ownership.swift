import Glibc
internal import Plan
import SystemFiles

/// The numbers behind a secret's owner, group and mode.
struct Ownership: Sendable {
  let mode: UInt32
  let owner: UInt32
  let group: UInt32

  var attributes: FileAttributes { FileAttributes(mode: mode, owner: owner, group: group) }

  /// Looks up the accounts of every secret.
  static func resolve(_ secrets: [PlannedSecret]) -> [Result<Ownership, SecretFailure>] {
    var lookup = AccountLookup()
    return secrets.map { secret in
      do throws(AccountProblem) {
        return .success(
          Ownership(
            mode: (try? FileMode.parse(secret.mode)) ?? FileMode.base,
            owner: try lookup.user(secret.owner), group: try lookup.group(secret.group)))
      } catch {
        return .failure(SecretFailure(secret, error.reason))
      }
    }
  }

  /// Refuses what was looked up if anything in it failed; all of that is in the error.
  static func requireAll(_ ownerships: [Result<Ownership, SecretFailure>]) throws(ActivationError) {
    let failures = ownerships.compactMap { ownership -> String? in
      if case .failure(let failure) = ownership { failure.message } else { nil }
    }
    guard failures.isEmpty else {
      throw ActivationError(
        .account,
        "activate: \(counted(failures.count, "secret")) cannot have the owner or group wanted; nothing was changed",
        failures: failures)
    }
  }
}

private struct AccountProblem: Error {
  let reason: String
}

/// Names to numbers, each looked up once: a thousand secrets have a handful of owners.
private struct AccountLookup {
  private var users: [String: UInt32] = [:]
  private var groups: [String: UInt32] = [:]
  private let isRoot = geteuid() == 0

  mutating func user(_ text: String) throws(AccountProblem) -> UInt32 {
    if let known = users[text] { return known }
    let id = try number(of: text, "user") { () throws(SystemFilesError) in
      try Accounts.user(named: text)?.id
    }
    guard isRoot || id == geteuid() else {
      throw AccountProblem(reason: "owner \(text): only root can give a file to another user")
    }
    users[text] = id
    return id
  }

  mutating func group(_ text: String) throws(AccountProblem) -> UInt32 {
    if let known = groups[text] { return known }
    let id = try number(of: text, "group") { () throws(SystemFilesError) in
      try Accounts.group(named: text)?.id
    }
    guard isRoot || ownGroups().contains(id) else {
      throw AccountProblem(
        reason: "group \(text): only root can give a file to a group that is not its own")
    }
    groups[text] = id
    return id
  }

  /// As chown does it: a name, and if nobody has it, a number.
  private func number(
    of text: String, _ kind: String, named find: () throws(SystemFilesError) -> UInt32?
  ) throws(AccountProblem) -> UInt32 {
    do {
      if let id = try find() { return id }
    } catch {
      throw AccountProblem(reason: error.description)
    }
    // The largest number means "unchanged" to chown.
    // Only digits: to Swift's parser, "-0" is a number too, and root's.
    if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let id = UInt32(text),
      id != UInt32.max
    {
      return id
    }
    throw AccountProblem(reason: "there is no \(kind) \(text) on this machine")
  }

  private func ownGroups() -> Set<UInt32> {
    var groups = [gid_t](repeating: 0, count: 65536)
    let count = unsafe getgroups(Int32(groups.count), &groups)
    return Set(groups.prefix(Int(max(0, count))) + [getegid()])
  }
}
