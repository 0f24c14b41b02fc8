import Glibc
package import Plan
internal import SystemFiles
package import SystemPackage

/// What became of a step of a job's run.
package struct JobStep: Sendable, Equatable {
  package enum Name: String, Sendable {
    /// Whether the files are there that the job needs.
    case secrets
    case prepare
    case initialize
    case paths
    case backup
    case prune
    case check
    case cleanup
  }

  package enum Status: String, Sendable {
    case succeeded
    case failed
    /// A signal ended it.
    case killed
    /// It has begun. This stays if the run itself was killed.
    case running
  }

  package let name: Name
  package let status: Status
  /// Milliseconds since 1970.
  package let started: Int
  /// nil while it runs.
  package let ended: Int?
  /// Why it did not succeed, in one line.
  package let reason: String?

  package init(_ name: Name, _ status: Status, started: Int, ended: Int?, reason: String? = nil) {
    self.name = name
    self.status = status
    self.started = started
    self.ended = ended
    self.reason = reason
  }

  /// The file in a job's runtime directory that has its steps.
  package static let fileName = "steps.json"
  /// The most bytes that it may have.
  package static let largestFile = 1 << 20

  package var value: JSON {
    var members: [(key: String, value: JSON)] = [
      ("step", .string(name.rawValue)), ("status", .string(status.rawValue)),
      ("started", .integer(started)),
    ]
    if let ended { members.append(("ended", .integer(ended))) }
    if let reason { members.append(("reason", .string(reason))) }
    return .object(members)
  }

  /// What `value` makes; nil for everything else.
  package init?(_ value: JSON) {
    guard case .object(let members) = value else { return nil }
    let known = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    guard case .string(let name)? = known["step"], let name = Name(rawValue: name),
      case .string(let status)? = known["status"], let status = Status(rawValue: status),
      case .integer(let started)? = known["started"]
    else { return nil }
    let ended: Int? = if case .integer(let number)? = known["ended"] { number } else { nil }
    let reason: String? = if case .string(let text)? = known["reason"] { text } else { nil }
    self.init(name, status, started: started, ended: ended, reason: reason)
  }

  /// The steps that a run has recorded in its directory, as far as they can be read: the job's user may have written
  /// anything there.
  package static func recorded(in directory: FilePath) -> [JobStep] {
    guard
      let bytes = try? readFile(
        directory.appending(fileName), limit: largestFile, followingLinks: false),
      case .array(let values)? = try? JSON(parsing: bytes, limit: largestFile)
    else { return [] }
    return values.compactMap { JobStep($0) }
  }

  /// Writes the steps in the place of those that were recorded before.
  static func record(_ steps: [JobStep], in directory: FilePath) throws(SystemFilesError) {
    let file = try StagedFile(
      replacing: directory.appending(fileName), .exactly(FileAttributes(mode: 0o600)))
    try file.write(Array((JSON.array(steps.map(\.value)).text() + "\n").utf8))
    try file.commit(synchronizing: false)
  }
}

/// Milliseconds since 1970.
func milliseconds() -> Int {
  var now = timespec()
  _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
  return Int(now.tv_sec) * 1000 + Int(now.tv_nsec) / 1_000_000
}
