internal import Glibc

/// A connection to a user's message bus, enough of one to call the notification daemon (the D-Bus Specification).
///
/// busctl and notify-send take a notice as arguments, which everybody on the machine can read.
package struct MessageBus: ~Copyable {
  private let socket: BusSocket
  private var serial: UInt32 = 0

  /// The most bytes that a message may have which is read.
  static let largest = 1 << 20

  /// Connects with this process's rights to the bus that the environment names.
  package static func connected(
    environment: [String: String]
  ) throws(JobError) -> MessageBus {
    try connected(to: BusAddress(environment: environment))
  }

  private init(owning socket: consuming BusSocket) { self.socket = socket }

  static func connected(to address: BusAddress) throws(JobError) -> MessageBus {
    var bus = MessageBus(owning: try BusSocket(connectingTo: address))
    try bus.authenticate()
    _ = try bus.call(
      BusCall(
        destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus", member: "Hello"))
    return bus
  }

  /// Whether a notification daemon is there, without starting one.
  package mutating func hasNotificationDaemon() throws(JobError) -> Bool {
    var body = BusWriter()
    body.string(Self.notifications)
    let answer = try call(
      BusCall(
        destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus", member: "NameHasOwner", signature: "s",
        body: body.bytes))
    return answer.first == 1
  }

  /// Shows a notice until somebody closes it; a daemon that the bus can start is started.
  package mutating func show(_ notice: DesktopNotice) throws(JobError) {
    var body = BusWriter()
    body.string("adage")
    body.number(0)
    body.string("dialog-error")
    body.string(notice.title)
    body.string(notice.body)
    // No actions; the one hint is the urgency, and 2 is critical.
    body.array(alignedTo: 4) { _ in }
    body.array(alignedTo: 8) { hints in
      hints.align(to: 8)
      hints.string("urgency")
      hints.signature("y")
      hints.byte(2)
    }
    body.number(0)
    _ = try call(
      BusCall(
        destination: Self.notifications, path: "/org/freedesktop/Notifications",
        interface: Self.notifications, member: "Notify", signature: "susssasa{sv}i",
        body: body.bytes))
  }

  private static let notifications = "org.freedesktop.Notifications"

  /// Says who this is: the kernel tells the bus whether it is true.
  private func authenticate() throws(JobError) {
    let name = String(geteuid()).utf8.map { String($0, radix: 16) }.joined()
    try socket.send(Array("\0AUTH EXTERNAL \(name)\r\n".utf8))
    var line: [UInt8] = []
    while line.last != 0x0a {
      line += try socket.receive(1)
      if line.count > 1024 { throw JobError(.system, "talk to the message bus: it says too much") }
    }
    guard line.starts(with: "OK ".utf8) else {
      throw JobError(.system, "talk to the message bus: it refuses this user")
    }
    try socket.send(Array("BEGIN\r\n".utf8))
  }

  /// The body of the answer.
  private mutating func call(_ call: BusCall) throws(JobError) -> [UInt8] {
    serial += 1
    try socket.send(call.message(serial: serial))
    // Others' signals may come first.
    for _ in 0..<100 {
      let answer = try receiveMessage()
      guard answer.replySerial == serial else { continue }
      if let error = answer.error {
        throw JobError(.system, "call \(call.member): \(error.cleaned(limit: 100))")
      }
      return answer.body
    }
    throw JobError(.system, "call \(call.member): no answer among a hundred messages")
  }

  private func receiveMessage() throws(JobError) -> BusAnswer {
    let head = try socket.receive(16)
    guard let sizes = BusAnswer.sizes(head), sizes.fields + sizes.body <= Self.largest else {
      throw JobError(.system, "talk to the message bus: it says what is no message")
    }
    let fields = try socket.receive(sizes.fields)
    return BusAnswer(head: head, fields: fields, body: try socket.receive(sizes.body))
  }
}
