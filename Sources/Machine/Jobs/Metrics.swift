extension StatusReport {
  /// The jobs in Prometheus's text exposition format, as node_exporter's textfile collector reads it.
  package func metrics() -> String {
    let states = jobs.compactMap(\.state)
    let families = [
      MetricFamily(
        "adage_job_last_success_timestamp_seconds", "When the job last succeeded.",
        states.compactMap { Sample($0, $0.lastSuccess) }),
      MetricFamily(
        "adage_job_last_run_timestamp_seconds", "When the job's last run ended.",
        states.compactMap { Sample($0, $0.lastEnd) }),
      MetricFamily(
        "adage_job_last_result", "Whether the job's last run succeeded: 1 or 0.",
        states.compactMap { state in Sample(state, state.result.map { $0 == .success ? 1 : 0 }) }),
      MetricFamily(
        "adage_job_duration_seconds", "How long the job's last run took.",
        states.compactMap { Sample($0, $0.duration) }),
      MetricFamily(
        "adage_job_step_duration_seconds", "How long a step of the job's last run took.",
        states.flatMap { state in
          state.steps.map { step in
            Sample(
              [("job", state.name), ("step", step.name)], decimal(milliseconds: step.milliseconds))
          }
        }),
      MetricFamily(
        "adage_job_consecutive_failures", "How many runs failed since the last success.",
        states.compactMap { Sample($0, $0.consecutiveFailures) }),
      MetricFamily(
        "adage_job_maximum_age_seconds", "After what time without a success the job is overdue.",
        jobs.compactMap { job in
          job.maximumAge.map { Sample([("job", job.name)], String($0)) }
        }),
    ]
    return families.map(\.text).joined()
  }
}

private func decimal(milliseconds: Int) -> String {
  let rest = String(milliseconds % 1000)
  return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
}

private struct Sample {
  let labels: [(String, String)]
  let value: String

  init(_ labels: [(String, String)], _ value: String) {
    self.labels = labels
    self.value = value
  }

  init?(_ state: JobState, _ value: Int?) {
    guard let value else { return nil }
    self.init([("job", state.name)], String(value))
  }

  var text: String {
    labels.map { name, value in
      let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n")
      return "\(name)=\"\(escaped)\""
    }.joined(separator: ",")
  }
}

private struct MetricFamily {
  let name: String
  let help: String
  let samples: [Sample]

  init(_ name: String, _ help: String, _ samples: [Sample]) {
    self.name = name
    self.help = help
    self.samples = samples
  }

  var text: String {
    if samples.isEmpty { return "" }
    return "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
      + samples.map { "\(name){\($0.text)} \($0.value)\n" }.joined()
  }
}
