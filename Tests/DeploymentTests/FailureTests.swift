import Deployment
import Foundation
import Plan
import Synchronization
import TestSupport
import Testing

@Suite struct FailureTests {
  /// A change of everything there is: a unit changes, one goes, one comes, and a secret changes.
  private func next(_ machine: TestMachine) throws -> Plan {
    var next = try plan(machine, secret: "other", command: "/bin/false")
    next.units.removeAll { $0.name == "tick.timer" }
    next.units.append(service("new", "/bin/true", wantedBy: ["multi-user.target"]))
    next.temporaryFiles = ["d /srv/y 0755 root root"]
    return next
  }

  private func machine() async throws -> TestMachine {
    let machine = try TestMachine()
    try await machine.apply(try plan(machine))
    machine.manager.state.withLock { _ = $0.active.insert("reader.service") }
    _ = machine.manager.takeLog()
    return machine
  }

  @Test func aComplaintOfSystemdChangesNothing() async throws {
    let machine = try await machine()
    let before = try machine.everything()
    machine.manager.state.withLock { $0.complaints = ["reader.service:2: Unknown key"] }
    let error = try await failure { try await machine.apply(try next(machine)) }
    #expect(error.code == .unit)
    #expect(error.failures == ["/etc/systemd/system/reader.service:2: Unknown key"])
    #expect(error.reason.hasSuffix("nothing was changed"))
    #expect(try machine.everything() == before)
    #expect(machine.manager.takeLog().isEmpty)
  }

  @Test func secretsThatDoNotOpenChangeNothing() async throws {
    let machine = try TestMachine()
    machine.secrets.state.withLock { $0.isFailing = true }
    let error = try await failure { try await machine.apply(try plan(machine)) }
    #expect(error.code == .secrets)
    let left = try machine.everything().keys.filter { $0.hasPrefix("/etc") }.sorted()
    #expect(
      left == [
        "/etc", "/etc/adage", "/etc/adage/configurations", "/etc/systemd", "/etc/systemd/system",
      ])
  }

  @Test(arguments: ["tmpfiles", "stop", "daemon-reload"])
  func aFailureUpToTheReloadRestoresEverything(_ request: String) async throws {
    let machine = try await machine()
    let before = try machine.everything()
    machine.manager.state.withLock { $0.failing = request }
    machine.manager.state.withLock { state in
      // Only once.
      state.onRequest = { [manager = machine.manager] text in
        if text.hasPrefix(request) { manager.state.withLock { $0.failing = nil } }
      }
    }
    let error = try await failure { try await machine.apply(try next(machine)) }
    #expect(error.code == .manager)
    #expect(error.reason.hasSuffix("everything is as it was before"))
    #expect(try machine.everything() == before)
    #expect(machine.secrets.state.withLock(\.live) == ["1/secrets/a/b.age"])
    #expect(machine.manager.state.withLock { $0.active.contains("reader.service") })
    #expect(machine.manager.takeLog().contains("daemon-reload"))
  }

  @Test func whatCannotBeWrittenChangesNothing() async throws {
    let machine = try await machine()
    // A file where a directory is needed.
    try machine.folder.write("etc/systemd/system/multi-user.target.wants.x", "")
    let before = try machine.everything()
    var bad = try next(machine)
    bad.units[bad.units.count - 1].wantedBy = ["blocked.target"]
    try machine.folder.write("etc/systemd/system/blocked.target.wants", "")
    let error = try await failure { try await machine.apply(bad) }
    #expect(error.code == .system)
    var after = try machine.everything()
    after["/etc/systemd/system/blocked.target.wants"] = nil
    #expect(after == before)
  }

  /// The machine stops at every request that leaves the program, and comes up again with what is on its disk.
  @Test func aRunThatIsCutShortIsRepaired() async throws {
    let machine = try await machine()
    let snapshots = Mutex<[(moment: String, folder: TemporaryDirectory)]>([])
    let root = machine.folder.path
    let snap = { @Sendable (moment: String) in
      guard let copy = try? TemporaryDirectory() else { return }
      try? runBlocking("/bin/cp", ["-a", "\(root)/.", copy.path])
      snapshots.withLock { $0.append((moment, copy)) }
    }
    machine.manager.state.withLock { $0.onRequest = snap }
    machine.secrets.state.withLock { $0.onActivate = { snap("activate") } }
    try await machine.apply(try next(machine))
    let expected = try machine.everything()
    let cuts = snapshots.withLock { $0 }
    #expect(
      cuts.map(\.moment) == [
        "activate", "tmpfiles /etc/tmpfiles.d/adage.conf", "stop reader.service tick.timer",
        "daemon-reload", "start new.service reader.service",
      ])
    for (moment, folder) in cuts {
      let comment = Comment(rawValue: moment)
      let machine = try await TestMachine(copying: folder.path)
      // What boots: a whole configuration and a timer or its removal.
      let current = machine.text("/etc/adage/current/plan.json").map { Array($0.utf8) } ?? []
      let live = try Plan(json: current)
      #expect(live.secrets.allSatisfy { machine.text($0.file) != nil }, comment)
      let change = try machine.change(to: try next(machine))
      #expect(!change.isEmpty && change.isRepair, comment)
      try await machine.deployment().apply(change)
      let log = machine.manager.takeLog()
      #expect(log.contains("daemon-reload"), comment)
      // Nothing runs yet after a start; what was stopped, or was about to be, is started.
      let stopped = moment == "activate" ? "" : " reader.service"
      #expect(log.last == "start new.service\(stopped)", comment)
      var after = try machine.everything()
      if machine.link("/etc/adage/current") != "configurations/2" {
        // The number of the one that was cut short is not used again.
        after = after.filter { !$0.key.contains("adage/") }
        #expect(after == expected.filter { !$0.key.contains("adage/") }, comment)
      } else {
        #expect(after == expected, comment)
      }
      #expect(try machine.change(to: try next(machine)).isEmpty, comment)
    }
  }

  @Test func aRunThatIsCutShortCanBeTakenBack() async throws {
    let machine = try await machine()
    let copy = try TemporaryDirectory()
    let root = machine.folder.path
    machine.manager.state.withLock { state in
      state.onRequest = { request in
        guard request == "daemon-reload" else { return }
        try? runBlocking("/bin/cp", ["-a", "\(root)/.", copy.path])
      }
    }
    try await machine.apply(try next(machine))
    let cut = try await TestMachine(copying: copy.path)
    try await cut.rollBack()
    #expect(cut.link("/etc/adage/current") == "configurations/1")
    #expect(cut.text("/etc/systemd/system/tick.timer") != nil)
    #expect(cut.text("/etc/systemd/system/new.service") == nil)
    #expect(cut.secrets.state.withLock(\.live) == ["1/secrets/a/b.age"])
  }
}
