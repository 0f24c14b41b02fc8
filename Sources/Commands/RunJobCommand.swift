import ArgumentParser
import Jobs
import Plan
import SystemPackage
import Units

/// `adage run-job`: one part of a backup job's run; its unit and its wrapper call it.
struct RunJobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-job", abstract: "Run a backup job; its unit and its wrapper do.",
    usage: """
      adage run-job [--jobs <directory>] <name> [<section> ...]
      adage run-job [--jobs <directory>] (--started | --cleanup | --report | --check-age) <name>
      adage run-job [--jobs <directory>] --restic <name> [<option> ...] -- [<argument> ...]
      """)

  // What follows the name is systemd's or restic's, flags included: it is read by `RunJobRequest`.
  @Argument(parsing: .captureForPassthrough, help: .hidden)
  var words: [String] = []

  func run() async throws { try await Self.run(words) }

  /// Does what the words say, on the thread that calls: those of Swift's own pool set their priority, which takes rights
  /// that a job does not have, and undoes its unit's `Nice=`.
  static func run(_ words: [String]) async throws {
    if ["-h", "--help"].contains(words.first) { throw CleanExit.helpRequest(self) }
    let request = try RunJobRequest(words)
    switch request.mode {
    case .steps: try await runSteps(request)
    case .cleanup: try await cleanUp(request)
    case .restic: try runRestic(request)
    case .started: try await reportStart(request)
    case .report: try await reportEnd(request)
    case .checkAge: try await checkAge(request)
    }
  }
}

/// What a command line of `run-job` asks for.
struct RunJobRequest: Sendable, Equatable {
  enum Mode: String, Sendable {
    /// What the unit's main process does.
    case steps = ""
    case started = "--started"
    case cleanup = "--cleanup"
    case report = "--report"
    case checkAge = "--check-age"
    case restic = "--restic"
  }

  let mode: Mode
  let name: String
  /// What follows the name.
  let words: [String]
  /// Where the jobs are described, if not where they are on the machine.
  let jobs: FilePath?

  /// - Throws: `ValidationError`, which shows how the command is called.
  init(_ words: [String]) throws {
    var rest = words[...]
    var jobs: FilePath?
    if rest.first == "--jobs" {
      guard rest.count > 1 else { throw ValidationError("--jobs names no directory") }
      jobs = FilePath(rest[rest.startIndex + 1])
      rest = rest.dropFirst(2)
    }
    var mode = Mode.steps
    if let first = rest.first, first.hasPrefix("-") {
      guard let known = Mode(rawValue: first) else {
        throw ValidationError("unknown option \(first)")
      }
      mode = known
      rest = rest.dropFirst()
    }
    guard let name = rest.first, !name.isEmpty, !name.contains("/"), !name.hasPrefix("-") else {
      throw ValidationError("the name of a job is missing")
    }
    rest = rest.dropFirst()
    if mode != .steps && mode != .restic && !rest.isEmpty {
      throw ValidationError("\(mode.rawValue) takes nothing but the name of a job")
    }
    self.mode = mode
    self.name = name
    self.words = Array(rest)
    self.jobs = jobs
  }
}

extension RunJobRequest {
  /// Where the jobs of this machine are described.
  var jobsDirectory: FilePath {
    jobs ?? FilePath(Places(program: "adage").current).appending("jobs")
  }

  /// The job that is meant.
  func job() throws(JobError) -> PlannedJob { try PlannedJob.named(name, in: jobsDirectory) }
}
