import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Jobs

private func has(_ program: String) -> Bool {
  FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
}

@Suite struct MessageBusTests {
  @Test(
    arguments: [
      (
        ["DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1/bus,guid=ab"],
        BusAddress("/run/user/1/bus")
      ),
      (
        ["DBUS_SESSION_BUS_ADDRESS": "tcp:host=x;unix:guid=1,abstract=/tmp/a%2db"],
        BusAddress("/tmp/a-b", isAbstract: true)
      ),
      (
        ["DBUS_SESSION_BUS_ADDRESS": "unix:path=%zz", "XDG_RUNTIME_DIR": "/r"], BusAddress("/r/bus")
      ),
      (["XDG_RUNTIME_DIR": "/r"], BusAddress("/r/bus")), ([:], nil),
    ] as [([String: String], BusAddress?)])
  func addresses(environment: [String: String], address: BusAddress?) {
    #expect((try? BusAddress(environment: environment)) == address)
  }

  @Test func thereIsNone() throws {
    let folder = try TemporaryDirectory()
    for path in [folder.path("none"), String(repeating: "x", count: 200)] {
      #expect(throws: JobError(.system, "")) {
        _ = try MessageBus.connected(to: BusAddress(path))
      }
    }
  }

  @Test func aMessage() {
    let call = BusCall(
      destination: "d.e", path: "/p", interface: "i.f", member: "M", signature: "s", body: [1, 2])
    let message = call.message(serial: 7)
    #expect(message.prefix(12) == [0x6c, 1, 0, 1, 2, 0, 0, 0, 7, 0, 0, 0])
    let fields = Int(message[12]) + Int(message[13]) << 8
    #expect(message.count == (16 + fields + 7) / 8 * 8 + 2)
    #expect(message.suffix(2) == [1, 2])
  }

  @Test(arguments: [
    [UInt8](repeating: 0, count: 16), [0x6c, 2, 0, 9] + [UInt8](repeating: 0, count: 12),
    [0x6c, 2, 0, 1],
  ])
  func noMessages(head: [UInt8]) { #expect(BusAnswer.sizes(head) == nil) }

  /// Fields that claim to be longer than they are.
  @Test(
    arguments: [
      [5, 1, 0x75, 0], [5, 1, 0x75, 0, 7], [4, 1, 0x73, 0, 255, 255, 255, 255, 1],
      [8, 1, 0x67, 0, 255], [5, 9, 1, 1, 1, 1], [5, 1, 0x75, 0, 7, 0, 0],
    ] as [[UInt8]])
  func fieldsThatAreCut(fields: [UInt8]) {
    let head: [UInt8] = [0x6c, 3, 0, 1] + [UInt8](repeating: 0, count: 12)
    let answer = BusAnswer(head: head, fields: fields, body: [])
    #expect(answer.replySerial == nil)
    #expect(answer.error == "error")
  }

  /// A real bus, and its own program that prints what it carries.
  @Test(.enabled(if: has("dbus-daemon") && has("dbus-monitor"), "there is no bus to start"))
  func aBus() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("bus")
    let daemon = try start(
      "dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:path=\(path)",
      output: folder.write("daemon", ""))
    defer { kill(daemon.processIdentifier, SIGKILL) }
    var bus = try await connection(to: BusAddress(path))
    let seen = try folder.write("seen", "")
    let monitor = try start(
      "dbus-monitor", "--address", "unix:path=\(path)", "member=Notify", output: seen)
    defer { kill(monitor.processIdentifier, SIGKILL) }
    #expect(try !bus.hasNotificationDaemon())
    let notice = DesktopNotice(
      JobNotice(.overdue, job: "dé", step: nil, reason: "x\0y", lines: [], time: 1, count: 0),
      host: "h")
    var text = ""
    // Until the monitor watches.
    for _ in 0..<2000 where !text.contains("int32 0") {
      let error = #expect(throws: JobError.self) { try bus.show(notice) }
      #expect(error?.reason.contains("ServiceUnknown") == true)
      try await Task.sleep(for: .milliseconds(50))
      text = String(decoding: try folder.read("seen"), as: UTF8.self)
    }
    for part in [
      #"string "adage""#, #"string "Backup overdue: dé on h""#, "array [", #"string "urgency""#,
      "byte 2", "int32 0",
    ] { #expect(text.contains(part)) }
    // It is still one connection.
    #expect(try !bus.hasNotificationDaemon())
  }

  /// A connection to a bus that was started just now: its socket is there a moment before it listens.
  private func connection(to address: BusAddress) async throws -> MessageBus {
    for _ in 0..<2000 {
      if let bus = try? MessageBus.connected(to: address) { return bus }
      try await Task.sleep(for: .milliseconds(10))
    }
    return try MessageBus.connected(to: address)
  }

  private func start(_ program: String, _ arguments: String..., output: String) throws -> Process {
    let process = Process()
    // What the threads of the tests do with signals is not for the programs that they start.
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--default-signal", program] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    process.standardError = process.standardOutput
    try process.run()
    return process
  }
}
