internal import Programs

/// What systemd knows of units (`systemctl show`).
package struct UnitFacts: Sendable {
  private let properties: [String: String]

  init(_ properties: [String: String]) { self.properties = properties }

  /// A property; nil if it is not there or empty.
  subscript(name: String) -> String? {
    guard let value = properties[name], !value.isEmpty else { return nil }
    return value
  }

  /// A property that is a point of time; nil if it has none.
  func time(_ name: String) -> Int? { self[name].flatMap(Time.printedPoint) }

  var isLoaded: Bool { self["LoadState"] == "loaded" }
  var isFailed: Bool { self["ActiveState"] == "failed" }
  var isActive: Bool { self["ActiveState"] == "active" }

  /// Whether a service that ends by itself is at it.
  var isRunning: Bool {
    ["activating", "active", "deactivating", "reloading"].contains(self["ActiveState"])
  }

  /// When the unit was to start and an assertion of its unit file was in the way.
  var assertionFailed: Int? { self["AssertResult"] == "no" ? time("AssertTimestamp") : nil }

  /// When a timer elapses next.
  func nextElapse(now: Int) -> Int? {
    // Timers may have calendar times and times since something else happened; the earlier counts.
    let monotonic = self["NextElapseUSecMonotonic"].flatMap { $0 == "infinity" ? nil : $0 }
      .flatMap(Time.printedLength).map { now - Time.sinceBoot() + $0 }
    return [time("NextElapseUSecRealtime"), monotonic].compactMap { $0 }.min()
  }

  /// What the units' states and their runs are described by.
  private static let names = [
    "Id", "LoadState", "ActiveState", "Result", "InvocationID", "AssertResult", "AssertTimestamp",
    "InactiveExitTimestamp", "StateChangeTimestamp", "NextElapseUSecRealtime",
    "NextElapseUSecMonotonic",
  ]

  /// Asks systemd about units.
  ///
  /// - Returns: by the units' names; nil if there is no systemd to ask.
  package static func of(_ units: [String]) async -> [String: UnitFacts]? {
    if units.isEmpty { return [:] }
    let program = Program(
      "systemctl", ["show", "--no-pager", "-p", names.joined(separator: ","), "--"] + units,
      environment: plainEnvironment.merging(["TZ": "UTC"]) { $1 })
    guard let output = try? await program.output(limit: 16 << 20, within: 20),
      output.ending.isSuccess
    else { return nil }
    return parse(output.text)
  }

  /// What `systemctl show` prints: lines of `NAME=VALUE`, an empty line between units.
  static func parse(_ text: String) -> [String: UnitFacts] {
    var units: [String: UnitFacts] = [:]
    var properties: [String: String] = [:]
    for line in (text + "\n").split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        if let id = properties["Id"] { units[id] = UnitFacts(properties) }
        properties = [:]
      } else if let sign = line.firstIndex(of: "=") {
        properties[String(line[..<sign])] = String(line[line.index(after: sign)...])
      }
    }
    return units
  }
}

/// An environment for systemd's programs: nothing of this process's own, which may have secrets, and no language.
let plainEnvironment = [
  "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
]
