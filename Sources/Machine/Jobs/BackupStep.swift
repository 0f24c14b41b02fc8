import Glibc
internal import Plan
internal import Programs
internal import SystemFiles
internal import SystemPackage

extension JobRun {
  static let includes = "includes"
  static let excludes = "exclude-patterns"

  /// Writes what is backed up as restic reads it; an entry that matches nothing is told, or a failure if the job is
  /// strict about it.
  mutating func writeIncludes() throws(JobError) {
    var lines = job.source.paths
    if let script = job.source.dynamicPaths {
      let outcome = try runner.run(
        try Program(script: script), output: .kept(limit: Self.mostDynamicPaths + 1))
      try requireSuccess(outcome, "the command for dynamic paths")
      guard outcome.output.count <= Self.mostDynamicPaths else {
        throw JobError(
          .step, "the command for dynamic paths wrote more than \(Self.mostDynamicPaths) bytes")
      }
      lines += String(decoding: outcome.output, as: UTF8.self)
        .split(whereSeparator: \.isNewline).map(String.init)
    }
    let patterns = lines.map { PathPattern($0) }
    let missing = zip(lines, patterns).filter { !$1.isComment && !$1.matchesSomething }.map(\.0)
    if job.strictPaths, let first = missing.first {
      let rest = missing.count > 1 ? " and \(missing.count - 1) more" : ""
      throw JobError(.step, "there is no \(printable(first))\(rest)")
    }
    for path in missing { say("paths: there is no \(printable(path)), which is left out") }
    try append(patterns.map(\.line), to: Self.includes)
  }

  /// 64 MiB.
  private static let mostDynamicPaths = 64 << 20

  /// Adds lines to a file of the runtime directory, to which the unit's own scripts may have written before.
  private func append(_ lines: [String], to name: String) throws(JobError) {
    do {
      let file = try FileDescriptor.open(
        directory.appending(name), .writeOnly,
        options: [.append, .create, .noFollow, .closeOnExec], permissions: [.ownerReadWrite])
      defer { try? file.close() }
      try file.writeAll(lines.joined(separator: "\n").utf8)
      try file.writeAll("\n".utf8)
    } catch {
      let cause = (error as? Errno).map { reason($0.rawValue) } ?? "\(error)"
      throw JobError(.system, "write \(directory.appending(name)): \(cause)")
    }
  }

  /// Backs up the paths or what the command writes.
  mutating func backUp() throws(JobError) {
    var words = ["backup"] + sections.backup
    if !job.source.exclude.isEmpty {
      _ = unsafe unlink(directory.appending(Self.excludes).string)
      try append(job.source.exclude, to: Self.excludes)
      words.append("--exclude-file=\(directory.appending(Self.excludes))")
    }
    if job.source.hasPaths {
      try requireRestic(words + ["--files-from=\(directory.appending(Self.includes))"])
    }
    if let command = sections.command { try backUp(outputOf: command, words) }
  }

  private mutating func backUp(outputOf command: [String], _ words: [String]) throws(JobError) {
    guard let producer = command.first else {
      throw JobError(.job, "the command to back up is empty")
    }
    if let version = try version(), version >= .current {
      return try requireRestic(words + ["--stdin-from-command=true", "--"] + command)
    }
    let program = Program(producer, Array(command.dropFirst()))
    let consumer = restic.program(words + ["--stdin"])
    try patiently { (run) throws(JobError) in
      let outcome = try run.runner.run(program, into: consumer)
      return (outcome, outcome.program == consumer.name ? "restic backup" : producer)
    }
  }

  /// Runs restic, which must succeed.
  mutating func requireRestic(_ words: [String]) throws(JobError) {
    try patiently { (run) throws(JobError) in
      (try run.runner.run(run.restic.program(words)), "restic \(words[0])")
    }
  }

  /// Runs something that must succeed, again and again while a lock is in its way.
  ///
  /// Locks whose holder is gone are removed first, such as those of a machine that lost power. After half an hour a
  /// lock that nobody renews is one of those wherever it came from.
  private mutating func patiently(
    _ body: (inout JobRun) throws(JobError) -> (outcome: Runner.Outcome, name: String)
  ) throws(JobError) {
    var pause: UInt32 = 0
    var waited: UInt32 = 0
    while true {
      let (outcome, name) = try body(&self)
      guard outcome.isLocked, waited < Self.patience, runner.endingSignal() == nil else {
        return try requireSuccess(outcome, name)
      }
      if pause == 1 { say("\(name): the repository is locked by another run; waiting for it") }
      _ = try runner.run(restic.program(["unlock"]), output: .kept(limit: 0))
      runner.sleep(seconds: pause)
      waited += pause
      pause = min(max(1, pause * 2), 30)
    }
  }

  /// In seconds.
  private static let patience: UInt32 = 35 * 60
}
