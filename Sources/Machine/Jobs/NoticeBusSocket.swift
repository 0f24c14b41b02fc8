internal import Glibc

/// A connected socket of a message bus.
struct BusSocket: ~Copyable {
  private let raw: Int32

  private init(owning raw: Int32) { self.raw = raw }

  deinit { _ = close(raw) }

  /// How long a call may take, in seconds: a bus may start a daemon first.
  private static let patience = 25

  init(connectingTo address: BusAddress) throws(JobError) {
    let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw Self.failure("open a socket") }
    let opened = BusSocket(owning: raw)
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      _ = unsafe setsockopt(raw, SOL_SOCKET, option, &patience, size)
    }
    try opened.connect(address)
    self = opened
  }

  private func connect(_ bus: BusAddress) throws(JobError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = (bus.isAbstract ? [0] : []) + Array(bus.path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard name.count < room else {
      throw JobError(.system, "connect to the message bus: its address is too long")
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    // A path ends with a zero byte, an abstract name with the address.
    let end = MemoryLayout<sockaddr_un>.size - room + name.count + (bus.isAbstract ? 0 : 1)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(raw, $0, socklen_t(end))
      }
    }
    if result != 0 { throw Self.failure("connect to the message bus") }
  }

  func send(_ bytes: [UInt8]) throws(JobError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.send(raw, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw Self.failure("write to the message bus")
      }
    }
  }

  func receive(_ count: Int) throws(JobError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var part = [UInt8](repeating: 0, count: count - bytes.count)
      let received = unsafe recv(raw, &part, part.count, 0)
      if received > 0 {
        bytes += part[..<received]
      } else if received == 0 {
        throw JobError(.system, "read from the message bus: it closed the connection")
      } else if errno != EINTR {
        throw Self.failure("read from the message bus")
      }
    }
    return bytes
  }

  private static func failure(_ operation: String) -> JobError {
    JobError(.system, "\(operation): \(unsafe String(cString: strerror(errno)).lowercased())")
  }
}

/// Where a bus listens.
struct BusAddress: Equatable {
  var path: String
  /// Whether the path is a name that no file system has.
  var isAbstract = false

  init(_ path: String, isAbstract: Bool = false) {
    self.path = path
    self.isAbstract = isAbstract
  }

  /// `$DBUS_SESSION_BUS_ADDRESS`, as far as it names a socket of this machine, else the socket of the user's manager.
  init(environment: [String: String]) throws(JobError) {
    for address in (environment["DBUS_SESSION_BUS_ADDRESS"] ?? "").split(separator: ";") {
      guard address.hasPrefix("unix:") else { continue }
      for pair in address.dropFirst("unix:".count).split(separator: ",") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, ["path", "abstract"].contains(parts[0]),
          let path = Self.unescaped(parts[1])
        else { continue }
        self.init(path, isAbstract: parts[0] == "abstract")
        return
      }
    }
    guard let directory = environment["XDG_RUNTIME_DIR"], directory.hasPrefix("/") else {
      throw JobError(.system, "the environment names no message bus")
    }
    self.init("\(directory)/bus")
  }

  /// A value of an address, in which `%` and two digits stand for a byte.
  private static func unescaped(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
