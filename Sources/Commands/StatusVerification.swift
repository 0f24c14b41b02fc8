import Glibc
import Jobs
import Plan
import Programs

/// `adage status --verify`: whether each job's repository opens with what the job has.
struct StatusVerification {
  private let store: StateStore
  private let console: Console

  init(_ store: StateStore, _ console: Console) {
    self.store = store
    self.console = console
  }

  /// How long one repository may take, in seconds.
  private static let patience = 120

  /// Says of each job how it is.
  ///
  /// - Returns: whether all are well.
  func run() async throws -> Bool {
    guard geteuid() == 0 else {
      throw CommandFailure("verify: only root may use the jobs' keys", hint: "run it with sudo")
    }
    var isGood = true
    for name in try store.names() {
      let failures = await problems(of: name)
      for failure in failures { console.say("\(name): \(failure)") }
      isGood = isGood && failures.isEmpty
    }
    return isGood
  }

  /// What is wrong with a job, a line each.
  private func problems(of name: String) async -> [String] {
    let job: PlannedJob
    do throws(JobError) { job = try store.job(name) } catch { return [error.reason] }
    if let missing = MissingFiles(of: job).reason { return [missing] }
    let rights = await B2Rights(of: job)
    for remark in rights.remarks { console.say("\(name): \(remark)") }
    guard let reason = await opening(job) else {
      console.say("\(name): its repository opens")
      return rights.problems
    }
    if job.initialize, store.state(of: name)?.lastSuccess == nil,
      RepositoryState.isMissing(reason)
    {
      console.say("\(name): its repository is not there yet: the first run makes it")
      return rights.problems
    }
    return ["its repository does not open: \(reason)"] + rights.problems
  }

  /// Why `restic cat config` fails, run as the job's wrapper runs restic; nil if it does not. Without a lock: a key
  /// that may not delete would leave it there, after trying for a minute and a half.
  private func opening(_ job: PlannedJob) async -> String? {
    // The options are pieces of a command line, as in the wrapper.
    let options = job.options.map { " -o \($0)" }.joined()
    let program = Program(
      "/bin/sh",
      [
        "-c", "exec \"$0\" run-job --restic \"$1\"\(options) -- --no-lock cat config",
        Program.ownPath,
        job.name,
      ])
    do throws(ProgramError) {
      let output = try await program.output(within: Self.patience)
      if output.ending.isSuccess { return nil }
      let lines = output.errors.split(separator: "\n").map { String($0).cleaned(limit: 300) }
      let fatal = lines.first { $0.hasPrefix("Fatal: ") } ?? lines.last
      return fatal ?? "\(output.ending)"
    } catch {
      return error.description
    }
  }
}
