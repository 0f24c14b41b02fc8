internal import Plan
internal import Programs

/// The restic of a job, and what its answers mean.
struct Restic {
  private let job: PlannedJob
  private let options: [String]

  init(_ job: PlannedJob, options: [[String]]) {
    self.job = job
    self.options = options.flatMap { ["-o"] + $0 }
  }

  /// restic with these arguments, and with the machine kept awake if the job says so.
  func program(_ words: [String]) -> Program {
    guard job.inhibitsSleep else { return Program(job.restic, options + words) }
    let inhibitor = [
      "--mode=block", "--who=restic", "--what=sleep", "--why=Scheduled backup \(job.name)",
    ]
    return Program("systemd-inhibit", inhibitor + [job.restic] + options + words)
  }

  var version: Program { Program(job.restic, ["version"]) }
}

/// A version of restic.
struct ResticVersion: Comparable {
  let major: Int
  let minor: Int

  /// From it on, restic's exit status tells a missing repository and a wrong password from other failures, and restic
  /// runs a command itself to back up what that writes.
  static let current = ResticVersion(0, 17)

  init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads what `restic version` prints; nil if it has no number.
  init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count > 1, words[0] == "restic" else { return nil }
    let numbers = words[1].split(separator: ".").prefix(2).compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    self.init(numbers[0], numbers[1])
  }

  static func < (left: Self, right: Self) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}

/// What `restic cat config` tells of a repository.
package enum RepositoryState: Equatable {
  case there
  case missing
  /// Nobody knows: the password is wrong, the server does not answer, or may not.
  case unknown

  /// - Parameter reason: the line of standard error that says most.
  init(status: Int32, reason: String?, version: ResticVersion?) {
    if status == 0 {
      self = .there
    } else if version.map({ $0 >= .current }) ?? (status == 10) {
      self = status == 10 ? .missing : .unknown
    } else {
      self = Self.saysMissing(reason ?? "") ? .missing : .unknown
    }
  }

  /// Whether this line of restic's, of any version, says that there is no repository, and not that it does not open.
  package static func isMissing(_ line: String) -> Bool {
    let reason = line.hasPrefix("Fatal: ") ? String(line.dropFirst("Fatal: ".count)) : line
    return reason.hasPrefix("repository does not exist: ") || saysMissing(reason)
  }

  /// Before 0.17 every failure has the status 1. The word of each kind of storage for what is not there is known here;
  /// any other answer is none, since a repository must not be made over one that could not be opened.
  private static func saysMissing(_ reason: String) -> Bool {
    if reason.hasPrefix("unable to open repository at ") {
      // Of b2.
      return reason.hasSuffix(": bucket not found")
    }
    guard reason.hasPrefix("unable to open config file: ") else { return false }
    let ends = [
      // Of a directory, rest, rclone, sftp and s3, Google's, Azure's and OpenStack's.
      ": no such file or directory", "<config/> does not exist", ": file does not exist",
      "The specified key does not exist.", "The specified bucket does not exist",
      "The specified bucket does not exist.", "object doesn't exist",
      "The specified blob does not exist.",
      "The specified container does not exist.", "Object Not Found", "Container Not Found",
    ]
    return ends.contains { reason.hasSuffix($0) }
      // Of b2, which names the file.
      || reason.contains("b2_download_file_by_name: 404: ")
  }
}
