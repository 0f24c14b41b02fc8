internal import Plan

/// What is known of a job's runs.
///
/// Root alone writes it, after each run; everybody may read it. Points of time are seconds since 1970.
package struct JobState: Sendable, Equatable {
  package enum Result: String, Sendable {
    case success, failure
  }

  /// A part of a run, such as `backup`.
  package struct Step: Sendable, Equatable {
    package enum Status: String, Sendable {
      case success, failure
      /// It was begun and never ended.
      case unfinished
    }

    package var name: String
    package var status: Status
    package var milliseconds: Int

    package init(_ name: String, _ status: Status, milliseconds: Int) {
      self.name = name
      self.status = status
      self.milliseconds = milliseconds
    }
  }

  /// A run that was begun.
  package struct Run: Sendable, Equatable {
    /// systemd's number of it; empty if it is not known.
    package var invocation: String
    package var started: Int
  }

  package var name: String
  /// When the job was first heard of: a job without any success is as old as that.
  package var firstSeen: Int
  package var lastStart: Int?
  package var lastEnd: Int?
  /// nil before the first run has ended.
  package var result: Result?
  /// The step that failed, and why in one line.
  package var step: String?
  package var reason: String?
  /// The last run's.
  package var steps: [Step] = []
  package var lastSuccess: Int?
  package var consecutiveFailures = 0
  /// The last run that was reported: no run is reported twice.
  package var invocation: String?
  /// The run of which `OnFailure=` told last: what it tells of it once more is the failure of something else.
  package var echoed: String?
  /// The run that is under way, unless the machine went down meanwhile.
  package var running: Run?
  /// What the last success was when somebody was told that it is too long ago.
  package var staleSince: Int?

  package init(name: String, firstSeen: Int) {
    self.name = name
    self.firstSeen = firstSeen
  }

  /// What the age of its last success counts from.
  package var freshAt: Int { lastSuccess ?? firstSeen }

  /// For how many seconds there was no success. A success in the future, after which the clock was set back, is none.
  package func age(at now: Int) -> Int { max(0, now - freshAt) }
}

extension JobState {
  /// The version of the format that is written, and the only one that is read.
  static let version = 1
  /// The most bytes that a state may have.
  static let largest = 1 << 18

  package func json() -> String {
    var members: [(key: String, value: JSON)] = [("version", .integer(JobState.version))]
    members += facts
    members += [
      ("invocation", JSON(invocation)), ("echoed", JSON(echoed)), ("staleSince", JSON(staleSince)),
      (
        "running",
        running.map { run in
          .object([
            ("invocation", .string(run.invocation)), ("started", .integer(run.started)),
          ])
        } ?? .null
      ),
    ]
    return JSON.object(members).text() + "\n"
  }

  /// What is of use to others than this program.
  var facts: [(key: String, value: JSON)] {
    [
      ("name", .string(name)), ("result", JSON(result?.rawValue)), ("step", JSON(step)),
      ("reason", JSON(reason)), ("lastStart", JSON(lastStart)), ("lastEnd", JSON(lastEnd)),
      ("lastSuccess", JSON(lastSuccess)), ("firstSeen", .integer(firstSeen)),
      ("consecutiveFailures", .integer(consecutiveFailures)),
      (
        "steps",
        .array(
          steps.map { step in
            .object([
              ("step", .string(step.name)), ("status", .string(step.status.rawValue)),
              ("milliseconds", .integer(step.milliseconds)),
            ])
          })
      ),
    ]
  }

  /// Reads what `json` writes; what else there may be is ignored.
  package init(json bytes: [UInt8]) throws(JobError) {
    let value: JSON
    do {
      value = try JSON(parsing: bytes, limit: JobState.largest)
    } catch {
      throw JobError(.job, "read the state of a job: \(error)")
    }
    guard value["version"]?.integer == JobState.version, let name = value["name"]?.string,
      let firstSeen = value["firstSeen"]?.integer
    else { throw JobError(.job, "read the state of a job: it is of another version") }
    self.init(name: name, firstSeen: firstSeen)
    lastStart = value["lastStart"]?.integer
    lastEnd = value["lastEnd"]?.integer
    result = value["result"]?.string.flatMap(Result.init)
    step = value["step"]?.string
    reason = value["reason"]?.string
    lastSuccess = value["lastSuccess"]?.integer
    consecutiveFailures = value["consecutiveFailures"]?.integer ?? 0
    invocation = value["invocation"]?.string
    echoed = value["echoed"]?.string
    staleSince = value["staleSince"]?.integer
    steps = (value["steps"]?.elements ?? []).compactMap { step in
      guard let name = step["step"]?.string,
        let status = step["status"]?.string.flatMap(Step.Status.init),
        let milliseconds = step["milliseconds"]?.integer
      else { return nil }
      return Step(name, status, milliseconds: milliseconds)
    }
    if let run = value["running"], let started = run["started"]?.integer {
      running = Run(invocation: run["invocation"]?.string ?? "", started: started)
    }
  }
}

extension JSON {
  init(_ text: String?) { self = text.map(JSON.string) ?? .null }
  init(_ number: Int?) { self = number.map(JSON.integer) ?? .null }

  /// A member of an object; nil if this is none, or has no such key.
  subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  var integer: Int? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  var elements: [JSON]? {
    guard case .array(let values) = self else { return nil }
    return values
  }
}
