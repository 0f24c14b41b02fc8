import Foundation
import Jobs
import Plan
import SystemPackage
import TestSupport

/// A directory with a job, what it backs up, and its own program: as root of a machine would have them, but for systemd.
struct JobFixture {
  let directory: TemporaryDirectory
  let environment: [String: String]

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["jobs", "run", "source"] {
      try FileManager.default.createDirectory(
        atPath: directory.path(name), withIntermediateDirectories: false)
    }
    try directory.write("source/a", "content")
    try directory.write("password", "secret-of-the-repository\n")
    environment = [
      "RUNTIME_DIRECTORY": directory.path("run"),
      "RESTIC_PASSWORD_FILE": directory.path("password"),
      "RESTIC_REPOSITORY": directory.path("repository"),
      "RESTIC_CACHE_DIR": directory.path("cache"), "JOURNAL_STREAM": "",
    ]
  }

  func path(_ name: String) -> String { directory.path(name) }

  /// A job of this restic, which initialises its repository.
  func job(
    _ change: (inout PlannedJob) -> Void = { _ in }
  ) throws -> PlannedJob {
    var job = PlannedJob(
      name: "x", restic: "/usr/bin/restic",
      source: PlannedJob.Source(paths: [path("source")]), initialize: true)
    change(&job)
    try directory.write("jobs/x.json", job.json())
    return job
  }

  /// A script, with the permissions that a configuration's have.
  func script(_ name: String, _ text: String) throws -> String {
    try directory.write(name, text, mode: 0o755)
  }

  /// Runs the job's steps, or another part of its run.
  func run(_ words: String..., with changes: [String: String] = [:]) async throws -> Finished {
    try await TestSupport.run(
      product("adage"), ["run-job", "--jobs", path("jobs")] + words,
      environment: environment.merging(changes) { $1 })
  }

  /// Runs the real restic on the job's repository.
  func restic(_ words: String...) async throws -> String {
    let output = try await runChecked("restic", ["--quiet"] + words, environment: environment)
    return String(decoding: output, as: UTF8.self)
  }

  /// How many snapshots there are.
  func snapshots() async throws -> Int {
    try await restic("snapshots", "--json").components(separatedBy: "\"short_id\"").count - 1
  }

  /// What the run recorded: each step and how it ended.
  var steps: [String] {
    JobStep.recorded(in: FilePath(path("run"))).map { "\($0.name.rawValue) \($0.status.rawValue)" }
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func text(_ name: String) throws -> String {
    String(decoding: try directory.read(name), as: UTF8.self)
  }
}
