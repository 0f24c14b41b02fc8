import Jobs

/// What `adage status` says to people.
struct StatusText {
  let report: StatusReport
  let machine: MachineStatus

  var text: String {
    [configuration, jobs, secrets].compactMap { $0 }.joined(separator: "\n")
  }

  private var configuration: String? {
    guard let live = machine.configuration else { return "No configuration is live.\n" }
    let number = live.number.map { " \($0)" } ?? ""
    return "Configuration\(number), live since \(Time.text(live.since))\n"
  }

  private var jobs: String? {
    if report.jobs.isEmpty { return nil }
    let rows = report.jobs.map { job in
      (
        [
          job.name.onOneLine, result(job),
          job.state?.lastSuccess.map { "\(Time.lengthText(report.time - $0)) ago" } ?? "never",
          job.live.map { $0.next.map(Time.text) ?? "-" } ?? "?",
        ], job.reasons
      )
    }
    return table(["JOB", "RESULT", "LAST SUCCESS", "NEXT RUN"], rows)
  }

  private func result(_ job: StatusReport.Job) -> String {
    switch job.verdict {
    case .success: return "success"
    case .running:
      let since = job.live?.runningSince ?? report.time
      return "running for \(Time.lengthText(report.time - since))"
    case .never: return "not run yet"
    case .failure:
      let count = job.state?.consecutiveFailures ?? 0
      return count > 1 ? "failure (\(count) times)" : "failure"
    }
  }

  private var secrets: String? {
    guard machine.configuration != nil else { return nil }
    guard let secrets = machine.secrets else {
      return machine.problems.isEmpty ? "Only root sees the secrets.\n" : nil
    }
    if secrets.isEmpty { return nil }
    return table(
      ["SECRET", "CHANGED", "STATE"],
      secrets.map { secret in
        (
          [
            secret.name.onOneLine, secret.changed.map(Time.text) ?? "?",
            secret.isPresent ? "live" : "missing at \(secret.path.onOneLine)",
          ], []
        )
      })
  }

  /// Columns that are as wide as what they have, with what is to be said of a row in lines below it.
  private func table(_ head: [String], _ rows: [([String], [String])]) -> String {
    let all = [(head, [])] + rows
    let widths = head.indices.map { column in all.map { $0.0[column].count }.max() ?? 0 }
    return all.map { cells, remarks in
      let line = zip(cells, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }.joined(separator: "  ")
      let end = line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
      return "\(end)\n" + remarks.map { "  \($0.onOneLine)\n" }.joined()
    }.joined()
  }
}
