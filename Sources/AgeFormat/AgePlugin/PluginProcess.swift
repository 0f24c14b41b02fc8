import Age
import Glibc
import SystemPackage

/// A running plugin: what is written goes to its standard input, what is read comes from its standard output.
///
/// Of its standard error the end is kept, for the case that it fails.
final class PluginProcess: ByteSource, ByteSink {
  /// How much of standard error is kept, and how much is too much, in bytes.
  private static let kept = 1 << 10
  private static let tooMuch = 16 << 20

  private let name: String
  private let id: pid_t
  // Our ends of the pipes; -1 once they are closed, which poll(2) passes over.
  private var input: Int32
  private var output: Int32
  private var errors: Int32
  /// For how many milliseconds it may keep silent before `onWait` is called.
  private let patience: Int32
  private var onWait: (() -> Void)?
  /// The end of what it wrote to standard error.
  private var said: [UInt8] = []
  private var saidCount = 0
  /// Whether it left before it was told to.
  private var hasHungUp = false
  /// How it ended, as waitpid(2) says it.
  private var status: Int32?
  private var isReaped = false
  private var isMadeToEnd = false

  /// Starts a plugin.
  ///
  /// - Parameter onWait: is called once if it keeps silent for `patience` milliseconds.
  /// - Throws: `AgeError` with the code `.plugin`.
  init(
    _ path: String, name: String, machine: String, patience: Int32,
    onWait: @escaping () -> Void
  ) throws(AgeError) {
    self.name = name
    self.patience = patience
    self.onWait = onWait
    do throws(Errno) {
      var input = try Pipe()
      var output = try Pipe()
      var errors = try Pipe()
      id = try spawn(
        path, [name, "--age-plugin=\(machine)"],
        [input.readEnd, output.writeEnd, errors.writeEnd])
      for end in [input.writeEnd, errors.readEnd] {
        _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
      }
      self.input = take(&input.writeEnd)
      self.output = take(&output.readEnd)
      self.errors = take(&errors.readEnd)
    } catch {
      throw AgeError(.plugin, "start \(path)", errno: error)
    }
  }

  deinit { end() }

  // MARK: Talking

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    while true {
      guard try wait(toWrite: false).canRead else { continue }
      let count = unsafe Glibc.read(output, buffer.baseAddress!, buffer.count)
      if count > 0 { return count }
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      hasHungUp = true
      return 0
    }
  }

  func write(_ bytes: Span<UInt8>) throws(AgeError) {
    var rest = bytes
    while !rest.isEmpty {
      let ready = try wait(toWrite: true)
      if ready.canWrite {
        rest = rest.extracting(droppingFirst: try writeSome(rest))
      } else if ready.canRead {
        throw AgeError(.plugin, "\(name): it goes on without reading what it is told")
      }
    }
  }

  /// - Returns: how many bytes the pipe took.
  private func writeSome(_ bytes: Span<UInt8>) throws(AgeError) -> Int {
    let input = input
    let (count, number) = unsafe bytes.withUnsafeBytes { bytes in
      withoutPipeSignal { unsafe Glibc.write(input, bytes.baseAddress!, bytes.count) }
    }
    if count >= 0 { return count }
    if number == EINTR || number == EAGAIN { return 0 }
    throw hangUp()
  }

  private func hangUp() -> AgeError {
    hasHungUp = true
    return AgeError(.plugin, "\(name): it hung up before it had answered")
  }

  /// Waits until the plugin has said something or, where asked for, can be told something; what it says on standard error
  /// meanwhile is noted.
  private func wait(toWrite: Bool) throws(AgeError) -> (canRead: Bool, canWrite: Bool) {
    while true {
      var ends = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: toWrite ? input : -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      ]
      let count = unsafe poll(&ends, 3, patience)
      if count == 0 {
        onWait?()
        onWait = nil
        // What it started may live on and keep the pipes open.
        if hasEnded() { throw hangUp() }
      }
      guard count > 0 else { continue }
      if ends[2].revents != 0 { try listen() }
      // What it has said is read even if it says no more; but if it never will, there is no use in telling it anything.
      if toWrite && ends[0].revents != 0 && ends[0].revents & Int16(POLLIN) == 0 { throw hangUp() }
      let canRead = ends[0].revents != 0
      let canWrite = ends[1].revents != 0
      if canRead || canWrite { return (canRead, canWrite) }
    }
  }

  /// Notes what there is on standard error.
  private func listen() throws(AgeError) {
    var part = [UInt8](repeating: 0, count: 4 << 10)
    let count = unsafe Glibc.read(errors, &part, part.count)
    if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
    guard count > 0 else {
      closeEnd(&errors)
      return
    }
    said = (said + part[..<count]).suffix(Self.kept)
    saidCount += count
    guard saidCount <= Self.tooMuch else {
      throw AgeError(
        .plugin, "\(name): it wrote more than \(Self.tooMuch >> 20) MiB to standard error")
    }
  }

  // MARK: Ending

  /// Closes the pipes and waits until the plugin has ended, as it should by itself; else it is made to.
  func end() {
    closeEnd(&input)
    closeEnd(&output)
    reap()
    closeEnd(&errors)
  }

  /// Ends the plugin, and tells how it ended if that is why something failed.
  func explain(_ error: AgeError) -> AgeError {
    closeEnd(&input)
    closeEnd(&output)
    reap()
    while errors >= 0, saidCount <= Self.tooMuch {
      let before = saidCount
      do throws(AgeError) { try listen() } catch { break }
      if saidCount == before { break }
    }
    closeEnd(&errors)
    guard error.code == .plugin else { return error }
    let reason = hasHungUp ? error.reason + ending : error.reason
    let lines = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline)
    let text = lines.isEmpty ? "" : "; it said: \(lines.joined(separator: " / "))"
    return AgeError(.plugin, reason + text, errno: error.errno, hint: error.hint)
  }

  /// How it ended, for the end of a message.
  private var ending: String {
    guard let status, !isMadeToEnd else { return "" }
    let signal = status & 0x7f
    return signal == 0 ? " (exit status \(status >> 8 & 0xff))" : " (signal \(signal))"
  }

  /// Waits for the process; after a second it is told to end, after another it is killed.
  private func reap() {
    for signal in [SIGTERM, SIGKILL] {
      var pause: UInt32 = 100
      var waited: UInt32 = 0
      while waited < 1_000_000 {
        if hasEnded() { return }
        usleep(pause)
        waited += pause
        pause = min(pause * 2, 20_000)
      }
      isMadeToEnd = true
      kill(id, signal)
    }
    while !hasEnded() { usleep(1000) }
  }

  /// Whether the process is no more; how it ended is noted.
  private func hasEnded() -> Bool {
    if isReaped { return true }
    var status: Int32 = 0
    let result = unsafe waitpid(id, &status, WNOHANG)
    if result == id { self.status = status }
    // Where children are not waited for there is none, and nothing to know of it.
    isReaped = result == id || result < 0 && errno != EINTR
    return isReaped
  }

  private func closeEnd(_ end: inout Int32) {
    if end >= 0 { close(take(&end)) }
  }
}

/// A pipe whose ends no other process inherits; those that nobody took are closed with it.
private struct Pipe: ~Copyable {
  var readEnd: Int32
  var writeEnd: Int32

  init() throws(Errno) {
    let ends = try FileDescriptor.pipe(options: .closeOnExec)
    readEnd = ends.readEnd.rawValue
    writeEnd = ends.writeEnd.rawValue
  }

  deinit { for end in [readEnd, writeEnd] where end >= 0 { close(end) } }
}

private func take(_ end: inout Int32) -> Int32 {
  defer { end = -1 }
  return end
}

/// Starts a program with our environment, three descriptors of its own, and no signal blocked.
private func spawn(
  _ path: String, _ arguments: [String], _ descriptors: [Int32]
) throws(Errno) -> pid_t {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  for (number, descriptor) in descriptors.enumerated() {
    unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
  }
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  var signals = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe posix_spawnattr_setsigmask(&attributes, &signals)
  unsafe sigaddset(&signals, SIGPIPE)
  unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
  unsafe posix_spawnattr_setflags(
    &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
  defer { for index in unsafe words.indices { unsafe free(words[index]) } }
  var process: pid_t = 0
  let number = unsafe posix_spawn(&process, path, &actions, &attributes, &words, environ)
  guard number == 0 else { throw Errno(rawValue: number) }
  return process
}

/// Runs a call that may raise SIGPIPE, which would end this process, without it; what it returned, and `errno`.
private func withoutPipeSignal(_ body: () -> Int) -> (result: Int, number: Int32) {
  var signals = sigset_t()
  var before = sigset_t()
  var pending = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe sigaddset(&signals, SIGPIPE)
  unsafe sigpending(&pending)
  unsafe pthread_sigmask(SIG_BLOCK, &signals, &before)
  let result = body()
  let number = errno
  // One that was pending already is somebody else's.
  if unsafe result < 0 && number == EPIPE && sigismember(&pending, SIGPIPE) == 0 {
    var now = timespec()
    while unsafe sigtimedwait(&signals, nil, &now) < 0 && errno == EINTR {}
  }
  unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  return (result, number)
}
