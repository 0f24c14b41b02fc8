internal import Plan
internal import SystemFiles
internal import SystemPackage

/// What a job says itself of the steps that it ran.
///
/// The job's user writes it, who may write anything: links are not followed, sizes are limited, text is cleaned, and
/// what does not fit is left out. It cannot make a failure a success.
struct ReportedSteps: Equatable {
  var steps: [JobState.Step] = []
  /// The first step that failed, or was begun and not ended.
  var failed: String?
  /// Why.
  var reason: String?
  /// When the first was begun.
  var started: Int?

  /// Whether what follows the steps failed. systemd was told to go on after that.
  var cleanupFailed: Bool { steps.contains { $0.name == "cleanup" && $0.status != .success } }

  static let largest = 1 << 16
  static let most = 64
  static let longestReason = 400

  init() {}

  /// What `steps.json` below `/run/restic-backups-NAME` says; nothing if it is not there.
  ///
  /// - Parameters:
  ///   - runtime: the directory of all runtime directories.
  ///   - start: when the run began: what is older is of another run.
  /// - Throws: `JobError` if there is one that cannot be read.
  static func read(
    of unit: String, in runtime: FilePath, since start: Int = 0, now: Int
  ) throws(JobError) -> ReportedSteps {
    guard let name = FilePath.Component(unit), name.kind == .regular else { return ReportedSteps() }
    let bytes: [UInt8]
    do throws(SystemFilesError) {
      let root = try DirectoryDescriptor(opening: runtime)
      // With DynamicUser=, root's own link leads to the directory: links that others could have made are errors.
      let directory = try root.reach(FilePath(root: nil, [name]))
      bytes = try OpenFile.reading("steps.json", in: directory).contents(limit: Self.largest)
    } catch {
      if error.code == .notFound { return ReportedSteps() }
      throw JobError(.system, "\(error)")
    }
    guard let value = try? JSON(parsing: bytes, limit: Self.largest) else {
      // Not why: it would quote what the file has.
      throw JobError(.job, "read steps.json of \(unit): it is not as it should be")
    }
    return ReportedSteps(value, since: start, now: now)
  }

  init(_ value: JSON, since start: Int = 0, now: Int) {
    let start = min(start, now)
    for element in (value.elements ?? []).prefix(Self.most) {
      guard let name = element["step"]?.string, Self.isName(name),
        let started = Self.milliseconds(element["started"]),
        ((start - 1) * 1000...(now + 1) * 1000).contains(started)
      else { continue }
      let ended = Self.milliseconds(element["ended"])
      let status: JobState.Step.Status =
        ended == nil ? .unfinished : Self.isSuccess(element["status"]) ? .success : .failure
      let last = ended ?? now * 1000
      steps.append(
        JobState.Step(name, status, milliseconds: min(max(0, last - started), Self.longest)))
      self.started = min(self.started ?? Int.max, started / 1000)
      if status != .success && failed == nil {
        failed = name
        reason = element["reason"]?.string?.cleaned(limit: Self.longestReason)
        if reason?.isEmpty == true { reason = nil }
      }
    }
  }

  /// A year, in milliseconds.
  private static let longest = 366 * 86_400_000

  private static func isName(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
      }
  }

  private static func isSuccess(_ value: JSON?) -> Bool {
    switch value {
    case .string("succeeded"), .string("success"), .integer(0): true
    default: false
    }
  }

  /// A point of time in seconds or, if it would be thousands of years away, in milliseconds.
  private static func milliseconds(_ value: JSON?) -> Int? {
    guard let number = value?.integer, (1...(1 << 52)).contains(number) else { return nil }
    return number < 100_000_000_000 ? number * 1000 : number
  }
}
