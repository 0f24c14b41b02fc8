internal import CSystemCalls
import Glibc
package import Plan
internal import Programs
internal import SystemFiles
internal import SystemPackage

/// What `restic-NAME` does: it becomes restic, with the environment of the job and as its user.
///
/// Root starts it, since only root may read the job's environment files. They are read as systemd reads them, and
/// never by a shell.
package struct ResticWrapper {
  private let job: PlannedJob
  /// What restic is given.
  private let arguments: [String]

  /// - Parameter words: options of the job, `--` and what the person wants of restic.
  package init(_ job: PlannedJob, words: [String]) {
    self.job = job
    let end = words.firstIndex(of: "--") ?? words.endIndex
    arguments = Array(words[..<end] + words[end...].dropFirst())
  }

  /// Becomes restic.
  ///
  /// - Throws: `JobError` if it cannot.
  package func run() throws(JobError) -> Never {
    let account = try account()
    let isRoot = geteuid() == 0
    if !isRoot { try requireOwnJob(account) }
    var variables = environment(of: account)
    for (name, value) in try environmentFiles() { variables[name] = value }
    let files = try isRoot && account.id != 0 && job.usesCredentials ? secretFiles(variables) : []
    if isRoot {
      makeCache(variables["RESTIC_CACHE_DIR"], for: account)
      try become(account)
    }
    for (variable, bytes) in files { variables[variable] = try memoryFile(variable, bytes) }
    throw replace(variables)
  }

  // ---- The account ----

  /// Whose rights restic gets: root's for a job whose user is there only while it runs.
  private func account() throws(JobError) -> UserAccount {
    let name = job.isDynamic ? "root" : job.user
    do {
      if let account = try Accounts.user(named: name) { return account }
      if let id = UInt32(name), let account = try Accounts.user(withID: id) { return account }
    } catch {
      throw JobError(.system, "\(error)")
    }
    throw JobError(.job, "run restic of job \(job.name): there is no user \(name)")
  }

  private func requireOwnJob(_ account: UserAccount) throws(JobError) {
    let files = job.environmentFiles.filter { !$0.hasPrefix("-") }
    guard account.id == geteuid(), !job.usesCredentials, !job.isDynamic,
      files.allSatisfy({ unsafe access(filePath($0), R_OK) == 0 })
    else {
      throw JobError(
        .system, "run restic of job \(job.name): it takes root to read what the job reads",
        hint: "run it with sudo")
    }
  }

  /// Gives up root's rights for good.
  private func become(_ account: UserAccount) throws(JobError) {
    do {
      var groups = try Accounts.groupIDs(of: account)
      for name in job.supplementaryGroups { groups.append(try group(name)) }
      let primary =
        try job.group.map { name throws(any Error) in try group(name) } ?? account.groupID
      guard unsafe setgroups(groups.count, groups) == 0, setgid(primary) == 0,
        setuid(account.id) == 0
      else {
        throw JobError(.system, "become user \(account.name): \(reason(errno))")
      }
    } catch {
      throw error as? JobError ?? JobError(.system, "\(error)")
    }
  }

  private func group(_ name: String) throws -> UInt32 {
    if let group = try Accounts.group(named: name) { return group.id }
    if let id = UInt32(name) { return id }
    throw JobError(.job, "run restic of job \(job.name): there is no group \(name)")
  }

  // ---- The environment ----

  /// This process's own, with what the unit sets in it.
  private func environment(of account: UserAccount) -> [String: String] {
    var variables = ownEnvironment()
    // Of the session of whoever called, or of another repository.
    for name in variables.keys
    where name.hasPrefix("XDG_") || name.hasPrefix("SUDO_") || Self.foreign.contains(name) {
      variables[name] = nil
    }
    let path = variables["PATH"]
    for (name, value) in job.environment {
      // As it stands in the unit, where a percent sign is doubled.
      variables[name] = value.replacing("%%", with: "%")
    }
    if let own = job.environment["PATH"], let path { variables["PATH"] = "\(own):\(path)" }
    variables["HOME"] = account.home
    variables["USER"] = account.name
    variables["LOGNAME"] = account.name
    variables["SHELL"] = account.shell
    // The cache is its user's, who is not there.
    if job.isDynamic { variables["RESTIC_CACHE_DIR"] = nil }
    return variables
  }

  private static let foreign: Set = [
    "DBUS_SESSION_BUS_ADDRESS", "MAIL", "RESTIC_CACHE_DIR", "RESTIC_PASSWORD",
    "RESTIC_PASSWORD_COMMAND", "RESTIC_PASSWORD_FILE", "RESTIC_REPOSITORY",
    "RESTIC_REPOSITORY_FILE",
  ]

  /// What the job's files say.
  private func environmentFiles() throws(JobError) -> [(String, String)] {
    var variables: [(String, String)] = []
    for file in job.environmentFiles {
      let path = filePath(file)
      do {
        let bytes = try readFile(FilePath(path), limit: EnvironmentFile.largest)
        let differs = try EnvironmentFile.dependsOnVersion(bytes)
        let found = try EnvironmentFile.variables(
          of: bytes, commentsContinue: differs ? try systemdVersion() < 254 : false)
        variables += found.map { ($0.key, $0.value) }
      } catch {
        // systemd does without a file that need not be there, whatever is wrong with it.
        if file.hasPrefix("-") { continue }
        throw JobError(
          .system, (error as? SystemFilesError)?.description ?? "read \(path): \(error)")
      }
    }
    return variables
  }

  private func systemdVersion() throws(JobError) -> Int {
    var runner = try Runner()
    let outcome = try runner.run(Program("systemctl", ["--version"]), output: .kept(limit: 4096))
    let words = String(decoding: outcome.output, as: UTF8.self).split(separator: " ")
    return words.dropFirst().first.flatMap { Int($0) } ?? 254
  }

  /// What only root may read of the files that restic itself reads.
  private func secretFiles(
    _ variables: [String: String]
  ) throws(JobError) -> [(variable: String, bytes: [UInt8])] {
    var files: [(variable: String, bytes: [UInt8])] = []
    for variable in ["RESTIC_PASSWORD_FILE", "RESTIC_REPOSITORY_FILE"] {
      guard let path = variables[variable], path == job.environment[variable] else { continue }
      do {
        files.append((variable, try readFile(FilePath(path), limit: 1 << 20)))
      } catch {
        throw JobError(.system, "\(error)")
      }
    }
    return files
  }

  /// A file without a name that this process's user may read, and no other program but those it becomes.
  ///
  /// A pipe would be empty for whoever reads it again.
  private func memoryFile(_ name: String, _ bytes: [UInt8]) throws(JobError) -> String {
    let raw = unsafe adage_memory_file("adage")
    guard raw >= 0, fchmod(raw, 0o400) == 0, fcntl(raw, F_SETFD, 0) == 0,
      (try? FileDescriptor(rawValue: raw).writeAll(bytes)) == bytes.count
    else { throw JobError(.system, "make a file for \(name): \(reason(errno))") }
    return "/proc/self/fd/\(raw)"
  }

  /// systemd makes the cache at the job's first run; without it restic would make it root's.
  private func makeCache(_ path: String?, for account: UserAccount) {
    let own = "/var/cache/\(job.unit)"
    guard path == own, let parent = try? DirectoryDescriptor(opening: "/var/cache"),
      let name = FilePath.Component(job.unit), (try? parent.status(of: name)) == .some(nil)
    else { return }
    _ = try? parent.makeDirectory(
      name, FileAttributes(mode: 0o700, owner: account.id, group: account.groupID))
  }

  /// `execve`, which returns only to say why not.
  private func replace(_ variables: [String: String]) -> JobError {
    var words = unsafe ([job.restic] + arguments).map { unsafe strdup($0) } + [nil]
    var texts = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    _ = unsafe execve(job.restic, &words, &texts)
    return JobError(.system, "run \(job.restic): \(reason(errno))")
  }
}

/// The path of an environment file, as systemd understands its setting.
private func filePath(_ setting: String) -> String {
  let path = setting.hasPrefix("-") ? String(setting.dropFirst()) : setting
  return path.replacing("%%", with: "%")
}

/// All variables of this process.
private func ownEnvironment() -> [String: String] {
  var result: [String: String] = [:]
  var next = unsafe environ
  while let entry = unsafe next.pointee {
    let text = unsafe String(cString: entry)
    if let sign = text.firstIndex(of: "=") {
      result[String(text[..<sign])] = String(text[text.index(after: sign)...])
    }
    unsafe next += 1
  }
  return result
}
