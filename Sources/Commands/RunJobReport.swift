import ArgumentParser
import Glibc
import Jobs
import SystemPackage

extension RunJobCommand {
  /// `--report NAME`: records how the job ended and tells who wants to know.
  ///
  /// It fails if cleaning up did: systemd was told to go on after that, so that there is a report.
  static func reportEnd(_ request: RunJobRequest) async throws {
    if try await request.report().ended(request.name) { throw ExitCode.failure }
  }
}

extension RunJobRequest {
  /// What root does for the job besides running it.
  func report() throws -> JobReport {
    guard geteuid() == 0 else {
      throw CommandFailure("run-job \(mode.rawValue): only root records how jobs went")
    }
    var places = StatePlaces()
    if let jobs { places.current = jobs.removingLastComponent() }
    return JobReport(
      StateStore(places), environment: ProcessContext.variables(), console: .journal)
  }
}

extension NoticeConsole {
  /// Standard error which, if it is the journal, hears how bad a line is (sd-daemon(3)).
  static var journal: NoticeConsole {
    let isJournal = ProcessContext.environment("JOURNAL_STREAM") != nil
    let write: @Sendable (String, Int) -> Void = { text, level in
      let line = (isJournal ? "<\(level)>" : "") + text.onOneLine + "\n"
      _ = try? FileDescriptor.standardError.writeAll(line.utf8)
    }
    return NoticeConsole(
      fail: { write($0, 3) }, warn: { write("adage: warning: \($0)", 4) })
  }
}
