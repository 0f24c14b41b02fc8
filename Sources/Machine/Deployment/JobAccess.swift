import Glibc
internal import Plan
internal import SystemFiles
internal import SystemPackage

/// Whether jobs can do what they are to do: their accounts are there and may read the secrets that restic itself reads,
/// and the programs are there that they need.
struct JobAccess {
  private let plan: Plan
  private let secrets: [String: PlannedSecret]
  private let units: [String: PlannedUnit]

  init(_ plan: Plan) {
    self.plan = plan
    secrets = Dictionary(plan.secrets.map { ($0.path, $0) }) { first, _ in first }
    units = Dictionary(plan.units.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Fails with all that is wrong.
  func check() throws(DeploymentError) {
    var failures: [String] = []
    var count = 0
    for job in plan.jobs {
      let found = try touchingFiles { () throws(SystemFilesError) in try self.failures(of: job) }
      failures += found
      if !found.isEmpty { count += 1 }
    }
    guard failures.isEmpty else {
      throw DeploymentError(
        .account, "check the jobs: \(counted(count, "job")) cannot run as configured",
        failures: failures,
        hint:
          "set age.secrets.NAME.owner to the job's user, or group and mode to let it read; or loadCredentials of the job"
      )
    }
    if let job = plan.jobs.first(where: \.notices.reportsToURL), !isInstalled("curl") {
      throw DeploymentError(
        .program, "check the jobs: job \(job.name) has notify.url, which needs curl",
        hint: "install curl")
    }
  }

  private func failures(of job: PlannedJob) throws(SystemFilesError) -> [String] {
    guard let reader = try reader(of: job) else {
      let user = user(of: job)
      return ["job \(job.name): there is no user \(user) on this machine; make one first"]
    }
    var variables = ["RCLONE_CONFIG"]
    if !job.usesCredentials { variables += ["RESTIC_PASSWORD_FILE", "RESTIC_REPOSITORY_FILE"] }
    var failures: [String] = []
    for path in variables.compactMap({ job.environment[$0] }) {
      guard let secret = secrets[path], try !reader.canRead(secret) else { continue }
      failures.append(
        "job \(job.name): \(reader.name) cannot read secret \(secret.name), which has mode \(secret.mode), owner \(secret.owner) and group \(secret.group)"
      )
    }
    return failures
  }

  private func user(of job: PlannedJob) -> String {
    let unit = units["\(job.unit).service"]
    return unit?.values(of: "User", in: "Service").last ?? job.user
  }

  /// nil if the account is not there.
  private func reader(of job: PlannedJob) throws(SystemFilesError) -> Reader? {
    let unit = units["\(job.unit).service"]
    let dynamic = unit?.values(of: "DynamicUser", in: "Service").last ?? "no"
    var groups = (unit?.values(of: "SupplementaryGroups", in: "Service") ?? [])
      .flatMap { $0.split(separator: " ").map(String.init) }
    if let group = unit?.values(of: "Group", in: "Service").last { groups.append(group) }
    let name = user(of: job)
    let account = try account(name)
    if ["yes", "true", "on", "1", "y", "t"].contains(dynamic.lowercased()), account == nil {
      return Reader(name: "its dynamic user", account: nil, groups: groups)
    }
    guard let account else { return nil }
    return Reader(name: "user \(name)", account: account, groups: groups)
  }

  private func account(_ text: String) throws(SystemFilesError) -> UserAccount? {
    if let account = try Accounts.user(named: text) { return account }
    guard let id = UInt32(text) else { return nil }
    return try Accounts.user(withID: id)
  }

  private func isInstalled(_ program: String) -> Bool {
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains {
      unsafe access("\($0)/\(program)", X_OK) == 0
    }
  }
}

/// Who a job runs as.
private struct Reader {
  let name: String
  /// nil for one that systemd makes up.
  let account: UserAccount?
  /// Other groups that the unit gives it, names or numbers.
  let groups: [String]

  /// Whether the kernel lets it: the owner's bits count for the owner, and no other.
  func canRead(_ secret: PlannedSecret) throws(SystemFilesError) -> Bool {
    guard account?.id != 0, let mode = try? FileMode.parse(secret.mode) else { return true }
    if let account, try id(ofUser: secret.owner) == account.id { return mode & 0o400 != 0 }
    return mode & (try isMember(of: secret.group) ? 0o040 : 0o004) != 0
  }

  private func id(ofUser text: String) throws(SystemFilesError) -> UInt32? {
    try Accounts.user(named: text)?.id ?? UInt32(text)
  }

  private func isMember(of text: String) throws(SystemFilesError) -> Bool {
    var group = try Accounts.group(named: text)
    if group == nil, let id = UInt32(text) {
      group = try Accounts.group(withID: id) ?? GroupAccount(name: text, id: id)
    }
    guard let group else { return false }
    return groups.contains(group.name) || groups.contains(String(group.id))
      || account.map { $0.groupID == group.id || group.members.contains($0.name) } ?? false
  }
}

extension PlannedJob.Notices {
  fileprivate var reportsToURL: Bool { url != nil || urlFile != nil }
}
