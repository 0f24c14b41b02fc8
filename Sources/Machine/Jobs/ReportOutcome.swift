package import Plan
internal import SystemFiles
internal import SystemPackage

/// How systemd says that a service ended (systemd.exec(5), "$SERVICE_RESULT").
struct ServiceEnding: Sendable, Equatable {
  /// `success`, `exit-code`, `signal`, `timeout` and so on.
  var result: String
  /// `exited`, `killed` or `dumped`; nil if no process of its own ended.
  var code: String?
  /// An exit status, or a signal's name.
  var status: String?
  /// systemd's number of the run; empty if there was none.
  var invocation: String
  /// Whether `OnFailure=` tells it, after the run.
  var isEcho = false

  init(result: String, code: String? = nil, status: String? = nil, invocation: String = "") {
    self.result = result
    self.code = code
    self.status = status
    self.invocation = invocation
  }

  /// What the environment of `ExecStopPost=` says; nil if this is none.
  init?(environment: [String: String]) {
    guard let result = environment["SERVICE_RESULT"] else { return nil }
    self.init(
      result: result, code: environment["EXIT_CODE"], status: environment["EXIT_STATUS"],
      invocation: environment["INVOCATION_ID"] ?? "")
  }

  /// What the environment of a unit that `OnFailure=` starts says of `unit`, from systemd 251 on.
  init?(monitorOf unit: String, environment: [String: String]) {
    guard environment["MONITOR_UNIT"] == unit, let result = environment["MONITOR_SERVICE_RESULT"]
    else { return nil }
    self.init(
      result: result, code: environment["MONITOR_EXIT_CODE"],
      status: environment["MONITOR_EXIT_STATUS"],
      invocation: environment["MONITOR_INVOCATION_ID"] ?? "")
    isEcho = true
    // A unit that never ran has no failure of its own.
    if result == "success" { self.result = "dependency" }
  }

  /// What systemd says afterwards, where `ExecStopPost=` could not run.
  init(_ facts: UnitFacts) {
    let invocation = facts["InvocationID"] ?? ""
    let result = facts["Result"] ?? "unknown"
    // Without a run of its own, what it needs failed.
    self.init(
      result: result == "success" && invocation.isEmpty ? "dependency" : result,
      invocation: invocation)
  }

  var isSuccess: Bool { result == "success" && code != "killed" && code != "dumped" }

  /// Whether the unit decided itself that there was nothing to do.
  var isSkipped: Bool { result == "exec-condition" }

  /// Whether what the job's own steps say of their failure is the reason.
  private var isOwn: Bool { result == "exit-code" || result == "success" }

  /// Why it failed, in one line.
  var reason: String {
    switch (result, code, status) {
    case ("timeout", _, _): "it took longer than its unit allows and was stopped"
    case ("oom-kill", _, _): "it was killed because memory ran out"
    case ("dependency", _, _): "it was not started, because a unit that it needs failed"
    case ("resources", _, _): "systemd could not start it: its unit's files or directories failed"
    case (_, "killed"?, let signal?): "it was ended by signal \(signal.cleaned(limit: 20))"
    case (_, "dumped"?, let signal?): "it crashed with signal \(signal.cleaned(limit: 20))"
    case ("exit-code", "exited"?, let status?) where status != "0":
      "exit status \(status.cleaned(limit: 20))"
    case ("exit-code", _, _): "a command of its unit failed"
    default: "systemd says \(result.cleaned(limit: 40))"
    }
  }

  /// What is to be said of the run, with what it reported of itself.
  func failure(
    _ steps: ReportedSteps, missing: String?
  ) -> (step: String?, reason: String) {
    if let step = steps.failed {
      return (step, isOwn ? steps.reason ?? reason : reason)
    }
    if let missing { return ("start", missing) }
    return (nil, reason)
  }
}

/// The files that a job reads and that are not there: mostly secrets that could not be decrypted.
package struct MissingFiles: Sendable, Equatable {
  package let paths: [String]

  package init(of job: PlannedJob) {
    let named = [
      job.environment["RESTIC_PASSWORD_FILE"], job.environment["RESTIC_REPOSITORY_FILE"],
      job.environment["RCLONE_CONFIG"], job.environmentFile,
    ]
    paths = named.compactMap { $0 }.filter { path in
      guard path.hasPrefix("/") else { return false }
      do throws(SystemFilesError) { _ = try FileStatus(FilePath(path)) } catch {
        return error.code == .notFound || error.code == .notDirectory
      }
      return false
    }
  }

  /// nil if nothing is missing.
  package var reason: String? {
    guard let first = paths.first else { return nil }
    let others = paths.count > 1 ? " and \(paths.count - 1) more" : ""
    return "\(first)\(others) is not there; see `systemctl status adage-activate.service`"
  }
}
