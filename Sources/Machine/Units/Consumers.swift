internal import Plan

/// Which units read which secrets: those whose lines, scripts or jobs name a secret's path.
struct Consumers {
  private let files: [String: String]
  private let jobs: [String: PlannedJob]
  private let secrets: PathFinder
  private let scripts: PathFinder

  init(_ plan: Plan) {
    files = Dictionary(plan.files.map { ($0.path, $0.text) }) { first, _ in first }
    jobs = Dictionary(plan.jobs.map { ("\($0.unit).service", $0) }) { first, _ in first }
    secrets = PathFinder(plan.secrets.map(\.path), mostlyBelow: plan.secretsDirectory)
    scripts = PathFinder(Array(files.keys), mostlyBelow: Plan.filesDirectory)
  }

  /// The paths of the secrets that the unit's lines, the files they name and its job speak of, sorted.
  func secrets(of unit: PlannedUnit) -> [String] {
    guard unit.name.hasSuffix(".service"), unit.isEnabled else { return [] }
    var texts = unit.sections.flatMap { $0.settings.map(\.value) }
    if let job = jobs[unit.name] {
      texts += job.environmentFiles + [job.notices.urlFile].compactMap { $0 }
      texts += [job.prepareCommand, job.cleanupCommand, job.source.dynamicPaths].compactMap { $0 }
    }
    var found: Set<String> = []
    var read: Set<String> = []
    // A script may name another one.
    while let text = texts.popLast() {
      found.formUnion(secrets.paths(in: text))
      for script in scripts.paths(in: text) where read.insert(script).inserted {
        texts.append(files[script] ?? "")
      }
    }
    return found.sorted()
  }
}

extension PlannedUnit {
  /// The unit, started after the secrets that it reads are there, and not without them: one that is broken stops
  /// nobody else.
  ///
  /// An assertion that fails is no failure of the unit: neither its `OnFailure=` nor its `ExecStopPost=` is run. So a
  /// job, whose failure somebody is to hear of, looks for its secrets itself.
  func waiting(for secrets: [String], isAsserting: Bool) -> PlannedUnit {
    if secrets.isEmpty { return self }
    var unit = self
    let assertions = secrets.map { UnitSetting("AssertPathExists", escaped($0)) }
    unit.add(
      [UnitSetting("After", Boot.target), UnitSetting("Wants", Boot.target)]
        + (isAsserting ? assertions : []), to: "Unit")
    return unit
  }

  /// The unit, started after somebody was asked for its secrets, and not by the boot, which would wait for that.
  var startingLate: PlannedUnit {
    var unit = self
    unit.add([UnitSetting("After", Boot.lateService)], to: "Unit")
    let others = wantedBy.filter { !$0.hasSuffix(".target") }
    if others != wantedBy { unit.wantedBy = others + [Boot.lateTarget] }
    return unit
  }

  /// What the unit starts, if it is a timer.
  var serviceOfTimer: String? {
    guard name.hasSuffix(".timer") else { return nil }
    return values(of: "Unit", in: "Timer").last ?? "\(name.dropLast(".timer".count)).service"
  }
}

/// Finds known paths in texts, quickly if they are below one directory.
private struct PathFinder {
  private let prefix: [UInt8]
  private let below: Set<String>
  private let elsewhere: [String]

  init(_ paths: [String], mostlyBelow directory: String) {
    let prefix = directory + "/"
    self.prefix = Array(prefix.utf8)
    below = Set(paths.filter { $0.hasPrefix(prefix) })
    elsewhere = paths.filter { !$0.hasPrefix(prefix) }
  }

  /// The paths that the text has as a whole, not as the beginning of others.
  func paths(in text: String) -> Set<String> {
    let bytes = Array(text.utf8)
    var found = Set(
      elsewhere.filter { path in
        let path = Array(path.utf8)
        return starts(of: path, in: bytes).contains { isEnd(of: bytes, at: $0 + path.count) }
      })
    for start in starts(of: prefix, in: bytes) {
      for end in start + prefix.count..<bytes.count + 1 where isEnd(of: bytes, at: end) {
        let path = String(decoding: bytes[start..<end], as: UTF8.self)
        if below.contains(path) { found.insert(path) }
        if end < bytes.count, bytes[end] == 0x0a { break }
      }
    }
    return found
  }

  private func starts(of part: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard let first = part.first else { return [] }
    var starts: [Int] = []
    var index = 0
    while let start = bytes[index...].firstIndex(of: first) {
      if bytes[start...].starts(with: part) { starts.append(start) }
      index = start + 1
    }
    return starts
  }

  /// Whether a path may end before this byte.
  private func isEnd(of bytes: [UInt8], at index: Int) -> Bool {
    guard index < bytes.count else { return true }
    switch bytes[index] {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xff:
      return false
    default: return !"/._-".utf8.contains(bytes[index])
    }
  }
}
