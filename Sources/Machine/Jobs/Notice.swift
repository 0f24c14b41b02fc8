internal import Glibc
internal import Plan
internal import Programs
internal import SystemFiles

/// Where what root does for a job is said: in the journal.
package struct NoticeConsole: Sendable {
  /// The one line that says why a job failed.
  package let fail: @Sendable (String) -> Void
  package let warn: @Sendable (String) -> Void

  package init(
    fail: @escaping @Sendable (String) -> Void, warn: @escaping @Sendable (String) -> Void
  ) {
    self.fail = fail
    self.warn = warn
  }
}

/// What is to be told of a job.
package struct JobNotice: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case failure
    /// Its last success is too long ago.
    case overdue
  }

  package let kind: Kind
  package let job: String
  package let step: String?
  package let reason: String
  /// The last lines of the job's journal, cleaned.
  package let lines: [String]
  package let time: Int
  /// How many runs failed one after the other, this one included.
  package let count: Int

  package init(
    _ kind: Kind, job: String, step: String?, reason: String, lines: [String], time: Int, count: Int
  ) {
    self.kind = kind
    self.job = job
    self.step = step
    self.reason = reason
    self.lines = lines
    self.time = time
    self.count = count
  }

  var reasonWithStep: String { [step, reason].compactMap { $0 }.joined(separator: ": ") }
}

/// Tells what is to be told of a job to those who are to know.
///
/// All at once, and each for so long: none waits for another, and none that fails is more than a warning.
struct Notices: Sendable {
  private let job: PlannedJob
  private let places: StatePlaces
  private let console: NoticeConsole

  init(_ job: PlannedJob, _ places: StatePlaces, _ console: NoticeConsole) {
    self.job = job
    self.places = places
    self.console = console
  }

  func start() async { await ping(.start) }
  func success() async { await ping(.success) }

  func send(_ notice: JobNotice) async {
    await withTaskGroup { group in
      group.addTask { await desktop(notice) }
      group.addTask { await command(notice) }
      group.addTask {
        await ping(
          .failure(text: ([notice.reasonWithStep, ""] + notice.lines).joined(separator: "\n")))
      }
    }
  }

  private func ping(_ event: URLNotice.Event) async {
    do throws(JobError) {
      guard let notice = try URLNotice(job.notices) else { return }
      try await notice.send(event)
    } catch {
      console.warn("\(job.unit): notify.url: \(error.reason)")
    }
  }

  private func command(_ notice: JobNotice) async {
    guard let path = job.notices.command else { return }
    do throws(JobError) {
      try await CommandNotice(path: path, unit: job.unit).run(notice)
    } catch {
      console.warn("\(job.unit): notify.command: \(error.reason)")
    }
  }

  private func desktop(_ notice: JobNotice) async {
    if job.notices.desktop?.isEmpty == true { return }
    let recipients = Recipients(job.notices.desktop)
    for warning in recipients.warnings { console.warn("\(job.unit): notify.desktop: \(warning)") }
    let desktop = DesktopNotice(notice, host: hostName())
    await withTaskGroup { group in
      for user in recipients.users {
        group.addTask {
          do throws(JobError) {
            try await desktop.deliver(to: user, waitingIn: places.notices)
          } catch {
            console.warn("\(job.unit): notify.desktop: \(user.name): \(error.reason)")
          }
        }
      }
    }
  }
}

private func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "?" }
  let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return String(decoding: bytes, as: UTF8.self).cleaned(limit: 64)
}

/// The last lines of the journal of a unit, or of one run of it, cleaned and cut; root reads them, since others may not.
func lastJournalLines(
  of unit: String, invocation: String? = nil
) async throws(JobError) -> [String] {
  // What the run's processes said, and what systemd said of it.
  let isRun = invocation.map { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) } ?? false
  let matches =
    isRun
    ? ["_SYSTEMD_INVOCATION_ID=\(invocation!)", "+", "INVOCATION_ID=\(invocation!)"] : ["-u", unit]
  // What was written just now must have arrived.
  _ = try? await Program("journalctl", ["--sync"], environment: plainEnvironment)
    .output(within: 10)
  let output: Program.Output
  do throws(ProgramError) {
    output = try await Program(
      "journalctl", ["-n", "5", "-o", "cat", "--no-pager", "-q"] + matches,
      environment: plainEnvironment
    ).output(within: 10)
  } catch {
    throw JobError(.system, "\(error)")
  }
  guard output.ending.isSuccess else { throw JobError(.system, "journalctl: \(output.ending)") }
  return output.text.split(separator: "\n").suffix(5).map { String($0).cleaned(limit: 300) }
    .filter { !$0.isEmpty }
}
