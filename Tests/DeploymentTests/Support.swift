import Deployment
import Foundation
import Plan
import Synchronization
import SystemPackage
import TestSupport
import Units

/// What a service manager was asked, and how units are; nothing happens to any.
final class FakeManager: Manager {
  struct State {
    var active: Set<String> = ["multi-user.target", "sysinit.target", "timers.target"]
    var failed: Set<String> = []
    /// What was asked for, without the questions.
    var log: [String] = []
    var complaints: [String] = []
    /// The request that fails.
    var failing: String?
    /// Is called before each request.
    var onRequest: (@Sendable (String) -> Void)?
  }

  let state = Mutex(State())

  private func request(_ text: String) throws(DeploymentError) {
    let (isFailing, onRequest) = state.withLock { state in
      state.log.append(text)
      return (state.failing.map { text.hasPrefix($0) } ?? false, state.onRequest)
    }
    onRequest?(text)
    if isFailing { throw DeploymentError(.manager, "\(text): refused") }
  }

  func states(of units: [String]) async throws(DeploymentError) -> [String: UnitState] {
    state.withLock { state in
      Dictionary(
        uniqueKeysWithValues: units.map { unit in
          let active =
            state.active.contains(unit)
            ? "active" : state.failed.contains(unit) ? "failed" : "inactive"
          return (unit, UnitState(active: active))
        })
    }
  }

  func reload() async throws(DeploymentError) { try request("daemon-reload") }

  func perform(_ action: UnitAction, on units: [String]) async throws(DeploymentError) {
    if units.isEmpty { return }
    try request("\(action.rawValue) \(units.joined(separator: " "))")
    state.withLock { state in
      switch action {
      case .start: state.active.formUnion(units)
      case .stop: state.active.subtract(units)
      default: break
      }
    }
  }

  func complaints(
    about units: [String], in directory: FilePath
  ) async throws(DeploymentError) -> [String] {
    let missing = units.filter { unit in
      let file = directory.appending(unit).string
      return !FileManager.default.fileExists(atPath: file)
        && !FileManager.default.fileExists(atPath: "\(file).d/adage.conf")
    }
    return state.withLock { $0.complaints.map { "\(directory)/\($0)" } } + missing
  }

  func makeTemporaryFiles(_ file: String) async throws(DeploymentError) {
    try request("tmpfiles \(file)")
  }

  /// What was asked for since the last time.
  func takeLog() -> [String] {
    state.withLock { state in
      defer { state.log = [] }
      return state.log
    }
  }
}

/// Which plans were activated.
final class FakeSecrets: Secrets {
  struct State {
    /// The files of the secrets that were activated last, without the directory of configurations.
    var live: [String] = []
    var isFailing = false
    var onActivate: (@Sendable () -> Void)?
  }

  let state = Mutex(State())

  func activate(_ plan: Plan) throws(DeploymentError) {
    let (isFailing, onActivate) = state.withLock { ($0.isFailing, $0.onActivate) }
    onActivate?()
    if isFailing { throw DeploymentError(.secrets, "activate: refused") }
    state.withLock { state in
      state.live = plan.secrets.map { $0.file.replacing("/etc/adage/configurations/", with: "") }
    }
  }

  func changes(_ plan: Plan) throws(DeploymentError) -> [String] { plan.secrets.map(\.path) }

  func remove(_ plan: Plan) throws(DeploymentError) { state.withLock { $0.live = [] } }
}

/// A machine in a directory.
final class TestMachine {
  let folder: TemporaryDirectory
  let manager = FakeManager()
  let secrets = FakeSecrets()

  init() throws {
    folder = try TemporaryDirectory()
    for path in ["etc/systemd/system", "usr/local/bin", "run"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(path), withIntermediateDirectories: true)
    }
  }

  /// The same with another machine's files, as after a loss of power.
  init(copying snapshot: String) async throws {
    folder = try TemporaryDirectory()
    try await runChecked("cp", ["-a", "\(snapshot)/.", folder.path])
  }

  func deployment() throws -> Deployment {
    try Deployment(
      at: Places(program: "/usr/local/bin/adage"), root: FilePath(folder.path), manager: manager,
      secrets: secrets)
  }

  func change(to plan: Plan, runtime: Bool = false) throws -> DeploymentChange {
    let places =
      runtime
      ? Places.untilRestart(program: "/usr/local/bin/adage")
      : Places(program: "/usr/local/bin/adage")
    return try deployment().change(to: plan, DeploymentSettings(places: places, boot: Boot()))
  }

  @discardableResult
  func apply(_ plan: Plan, runtime: Bool = false) async throws -> DeploymentReport {
    try await deployment().apply(change(to: plan, runtime: runtime))
  }

  func rollBack() async throws {
    let deployment = try deployment()
    try await deployment.apply(try deployment.changeBack(program: "/usr/local/bin/adage"))
  }

  /// A file with cipher text, in a repository.
  func cipher(_ name: String, _ text: String = "cipher text") throws -> String {
    try folder.write("repository/\(name).age", text)
  }

  /// The text of a file below the root; nil if there is none.
  func text(_ path: String) -> String? {
    (try? folder.read(String(path.dropFirst()))).map { String(decoding: $0, as: UTF8.self) }
  }

  func link(_ path: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path + path)
  }

  /// Everything that is there, with modes and content; without the repository and the record.
  func everything() throws -> [String: String] {
    let manager = FileManager.default
    var found: [String: String] = [:]
    for path in try manager.subpathsOfDirectory(atPath: folder.path)
    where !path.hasPrefix("repository") && path != "etc/adage/lock" {
      let attributes = try manager.attributesOfItem(atPath: folder.path(path))
      let mode = String(attributes[.posixPermissions] as? Int ?? 0, radix: 8)
      let content =
        switch attributes[.type] as? FileAttributeType {
        case .typeSymbolicLink?: link("/\(path)") ?? ""
        case .typeRegular?: text("/\(path)") ?? ""
        default: "directory"
        }
      found["/\(path)"] = "\(mode) \(content)"
    }
    return found
  }
}

/// A plan with one secret, a service that reads it, and what else is wanted.
func plan(
  _ machine: TestMachine, secret: String = "cipher text", command: String = "/bin/true",
  change: UnitChange = .stopAndStart, with more: [PlannedUnit] = []
) throws -> Plan {
  var plan = Plan(
    identityPaths: ["/etc/ssh/key"],
    secrets: [
      PlannedSecret(
        name: "a/b", file: try machine.cipher("b", secret), path: "/run/agenix/a/b")
    ])
  plan.files = [
    PlannedFile(
      path: "/etc/adage/files/\(command.hashed)-start", text: "#!/bin/sh\nexec \(command)\n",
      isExecutable: true)
  ]
  plan.units =
    [
      service("reader", "/etc/adage/files/\(command.hashed)-start /run/agenix/a/b", change),
      PlannedUnit(
        name: "tick.timer", sections: [UnitSection("Timer", [UnitSetting("OnCalendar", "daily")])],
        wantedBy: ["timers.target"], whenChanged: .restart),
    ] + more
  plan.temporaryFiles = ["d /srv/x 0755 root root"]
  return plan
}

func service(
  _ name: String, _ command: String, _ change: UnitChange = .stopAndStart,
  wantedBy: [String] = []
) -> PlannedUnit {
  PlannedUnit(
    name: "\(name).service",
    sections: [UnitSection("Service", [UnitSetting("ExecStart", command)])], wantedBy: wantedBy,
    whenChanged: change)
}

extension String {
  /// Some name that another text does not have.
  fileprivate var hashed: String { String(utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }) }
}

/// The error that a body throws.
func failure(of body: () async throws -> Void) async throws -> DeploymentError {
  do {
    try await body()
  } catch let error as DeploymentError {
    return error
  }
  throw NothingFailed()
}

struct NothingFailed: Error {}
