import ArgumentParser
import Jobs

/// `adage status`: says how the machine's backup jobs and secrets are.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how the machine's backup jobs and secrets are.",
    discussion: """
      Exits with 0 whatever the state is, unless --max-age or --verify ask: then with 1 if a job \
      has no success that is recent enough, or a repository does not open. Root sees the secrets, \
      too.
      """)

  @Flag(help: "Print it as JSON.")
  var json = false

  @Flag(help: "Print it in Prometheus's text format.")
  var prometheus = false

  @Option(
    help: ArgumentHelp(
      "Fail if the last success of a job is longer ago than this, such as 36h or 2d.",
      valueName: "time"))
  var maxAge: String?

  @Flag(help: "Open each job's repository with its keys and password; as root.")
  var verify = false

  func validate() throws {
    if json && prometheus { throw ValidationError("--json and --prometheus exclude each other") }
    if let maxAge, Time.length(maxAge) == nil {
      throw ValidationError("--max-age \(maxAge.visible): not a time such as 36h, 2d or 1w")
    }
  }

  func run() async throws {
    let console = Console(program: "adage", isVerbose: false)
    let store = StateStore()
    var report = StatusReport(store: store)
    var machine = MachineStatus(store.places)
    await report.askSystem()
    await machine.askSystem()
    if json {
      try console.print(report.json(with: machine))
    } else if prometheus {
      try console.print(report.metrics())
    } else {
      try console.print(StatusText(report: report, machine: machine).text)
    }
    for problem in report.problems + machine.problems { console.warn(problem) }
    var isGood = true
    if let seconds = maxAge.flatMap(Time.length) {
      isGood = checkAges(report, atMost: seconds, console)
    }
    if verify { isGood = try await StatusVerification(store, console).run() && isGood }
    if !isGood { throw ExitCode(1) }
  }

  /// Says which jobs are overdue.
  private func checkAges(_ report: StatusReport, atMost seconds: Int, _ console: Console) -> Bool {
    if report.jobs.isEmpty {
      console.say("no backup job is set up")
      return false
    }
    let overdue = report.jobs.filter { $0.isStale(after: seconds, at: report.time) }
    for job in overdue {
      let age =
        job.state?.lastSuccess.map {
          "the last success was \(Time.lengthText(report.time - $0)) ago"
        }
        ?? "there was no success yet"
      console.say("\(job.name) is overdue: \(age)")
    }
    return overdue.isEmpty
  }
}
