package import Plan
internal import SystemFiles
package import SystemPackage

/// Where a machine keeps what is known of its jobs; absolute paths.
package struct StatePlaces: Sendable {
  /// The configuration that is live.
  package var current: FilePath = "/etc/adage/current"
  /// What is known of it.
  package var state: FilePath = "/var/lib/adage"
  /// The directory of the runtime directories of jobs.
  package var runtime: FilePath = "/run"

  package init() {}

  /// All of them below another directory.
  package init(below root: FilePath) {
    current = root.pushing("etc/adage/current")
    state = root.pushing("var/lib/adage")
    runtime = root.pushing("run")
  }

  /// Where desktop notices wait, for each user a directory.
  package var notices: FilePath { state.appending("notices") }
}

/// The jobs of a machine and their states, in files.
package struct StateStore: Sendable {
  package let places: StatePlaces

  package init(_ places: StatePlaces = StatePlaces()) { self.places = places }

  /// The names of the jobs that are set up, sorted; none if no configuration is live.
  package func names() throws(JobError) -> [String] {
    do throws(SystemFilesError) {
      let directory = try DirectoryDescriptor(opening: places.current.appending("jobs"))
      return try directory.entries().filter { $0.extension == "json" }.map(\.stem).sorted()
    } catch {
      if error.code == .notFound { return [] }
      throw JobError(.system, "\(error)")
    }
  }

  /// A job as it is set up.
  package func job(_ name: String) throws(JobError) -> PlannedJob {
    _ = try Self.file(name)
    return try PlannedJob.named(name, in: places.current.appending("jobs"))
  }

  /// What is known of a job; nil if it was never heard of, or what is there cannot be read.
  package func state(of name: String) -> JobState? {
    guard let file = try? Self.file(name),
      let bytes = try? readFile(
        places.state.appending("jobs").appending(file), limit: JobState.largest)
    else { return nil }
    return try? JobState(json: bytes)
  }

  /// Changes what is known of a job, and then the files about all jobs; one process at a time.
  package func update<Result>(
    _ name: String, now: Int = Time.now(), _ change: (inout JobState) -> Result
  ) throws(JobError) -> Result {
    let file = try Self.file(name)
    return try changing(now: now) { jobs throws(SystemFilesError) in
      var state = state(of: name) ?? JobState(name: name, firstSeen: now)
      let result = change(&state)
      try replace(file, in: jobs, with: state.json())
      return result
    }
  }

  /// Notes since when there are these jobs, so that one which never runs is found to be overdue.
  package func expect(_ names: [String], now: Int = Time.now()) throws(JobError) {
    let unknown = names.filter { state(of: $0) == nil }
    if unknown.isEmpty { return }
    let files = try unknown.map { name throws(JobError) in (name, try Self.file(name)) }
    try changing(now: now) { jobs throws(SystemFilesError) in
      for (name, file) in files {
        try replace(file, in: jobs, with: JobState(name: name, firstSeen: now).json())
      }
    }
  }

  /// Changes what is known of jobs, in their directory, and then the files about all of them.
  private func changing<Result>(
    now: Int, _ change: (borrowing DirectoryDescriptor) throws(SystemFilesError) -> Result
  ) throws(JobError) -> Result {
    do throws(SystemFilesError) {
      let directory = try directory(places.state)
      let lock = try FileLock("lock", in: directory)
      let jobs = try directory.directory("jobs", orMaking: FileAttributes(mode: 0o755))
      let result = try change(jobs)
      try writeStatus(in: directory, now: now)
      lock.release()
      return result
    } catch {
      throw JobError(.system, "\(error)")
    }
  }

  private func writeStatus(
    in directory: borrowing DirectoryDescriptor, now: Int
  ) throws(SystemFilesError) {
    let report = StatusReport(store: self, now: now)
    try replace("status.json", in: directory, with: report.json())
    try replace("status.prom", in: directory, with: report.metrics())
  }

  private func replace(
    _ name: FilePath.Component, in directory: borrowing DirectoryDescriptor, with text: String
  ) throws(SystemFilesError) {
    let file = try StagedFile(
      replacing: name, in: directory, .exactly(FileAttributes(mode: 0o644)))
    try file.write(Array(text.utf8))
    try file.commit()
  }

  /// The directory at an absolute path, made if it is missing.
  func directory(_ path: FilePath) throws(SystemFilesError) -> DirectoryDescriptor {
    let root = try DirectoryDescriptor(opening: "/")
    return try root.reach(
      FilePath(root: nil, path.components),
      making: MissingDirectories(
        trusted: FileAttributes(mode: 0o755), foreign: FileAttributes(mode: 0o700)))
  }

  private static func file(_ name: String) throws(JobError) -> FilePath.Component {
    guard let file = FilePath.Component("\(name).json"), !name.isEmpty, !name.contains("/") else {
      throw JobError(.job, "\(name.cleaned(limit: 60)) is no name of a job")
    }
    return file
  }
}
