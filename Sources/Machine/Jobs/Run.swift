import Glibc
internal import Programs

/// Programs that run at the same time, each in a process group of its own.
struct Run {
  private(set) var signals: Signals
  private let showsErrors: Bool
  private var children: [Child] = []
  private var output: Int32?
  private var limit = 0
  /// What was written to the output that is kept.
  private(set) var kept: [UInt8] = []

  private struct Child {
    let program: String
    let id: pid_t
    var ending: Program.Ending?
    /// The end of the pipe that is its standard error; nil once that is closed.
    var errors: Int32?
    var lines: ErrorLines
  }

  init(_ signals: Signals, showsErrors: Bool) {
    self.signals = signals
    self.showsErrors = showsErrors
  }

  /// How the programs ended, in the order in which they were started.
  var outcomes: [Runner.Outcome] {
    children.map { child in
      Runner.Outcome(
        program: child.program, ending: child.ending ?? .exited(0), reason: child.lines.reason)
    }
  }

  func ending(of index: Int) -> Program.Ending? { children[index].ending }

  /// - Throws: `JobError` if the program cannot be started.
  mutating func start(
    _ program: Program, input: Int32, output: Int32, _ hidden: [String]
  ) throws(JobError) {
    let errors = try Pipe()
    defer { close(errors.input) }
    do {
      let id = try spawn(program, input: input, output: output, errors: errors.input)
      _ = fcntl(errors.output, F_SETFL, O_NONBLOCK)
      children.append(
        Child(
          program: program.name, id: id, errors: errors.output, lines: ErrorLines(hiding: hidden)))
    } catch {
      close(errors.output)
      throw error
    }
  }

  /// Reads what comes out of a descriptor, and closes it in the end.
  mutating func keep(_ descriptor: Int32, limit: Int) {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    output = descriptor
    self.limit = limit
  }

  /// Sends a signal to a program and all that it started.
  func signal(_ number: Int32, to index: Int) { kill(-children[index].id, number) }

  /// Waits until all programs have ended; a signal that comes meanwhile is sent on to them.
  ///
  /// What they leave running may keep their outputs open, and is not waited for.
  ///
  /// - Parameter onEnd: is called each time that one has ended.
  mutating func finish(_ onEnd: (inout Run) -> Void = { _ in }) {
    while children.contains(where: { $0.ending == nil }) {
      wait(milliseconds: -1)
      for number in signals.take() {
        for child in children where child.ending == nil { kill(-child.id, number) }
      }
      if reap() { onEnd(&self) }
    }
    readAll()
    for index in children.indices { closeErrors(of: index) }
    if let output { close(output) }
    output = nil
  }

  /// Waits until nothing that a program started is left; after ten seconds, makes sure of it.
  func outlive(_ index: Int) {
    let group = -children[index].id
    for _ in 0..<200 {
      if kill(group, 0) != 0 { return }
      usleep(50_000)
    }
    kill(group, SIGKILL)
  }

  /// Notes who has ended; whether anybody has.
  private mutating func reap() -> Bool {
    var any = false
    for index in children.indices where children[index].ending == nil {
      var status: Int32 = 0
      guard unsafe waitpid(children[index].id, &status, WNOHANG) == children[index].id else {
        continue
      }
      let signal = status & 0x7f
      children[index].ending = signal == 0 ? .exited((status >> 8) & 0xff) : .signal(signal)
      any = true
    }
    return any
  }

  /// Waits for a signal or something to read, and reads it.
  private mutating func wait(milliseconds: Int32) {
    let sources = [signals.descriptor] + children.compactMap(\.errors) + (output.map { [$0] } ?? [])
    var polled = sources.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if unsafe poll(&polled, nfds_t(polled.count), milliseconds) > 0 { readAll() }
  }

  /// Reads all that is there.
  private mutating func readAll() {
    for index in children.indices {
      guard let errors = children[index].errors else { continue }
      let isOpen = read(errors) { bytes in
        let shown = children[index].lines.take(bytes)
        if showsErrors { show(shown) }
      }
      if !isOpen { closeErrors(of: index) }
    }
    guard let output else { return }
    let isOpen = read(output) { kept += $0.prefix(limit - kept.count) }
    if !isOpen {
      close(output)
      self.output = nil
    }
  }

  private mutating func closeErrors(of index: Int) {
    guard let errors = children[index].errors else { return }
    let rest = children[index].lines.finish()
    if showsErrors { show(rest) }
    close(errors)
    children[index].errors = nil
  }
}

/// `posix_spawnp` in a process group of its own.
///
/// - Throws: `JobError` with the system's reason; the arguments are not told.
private func spawn(
  _ program: Program, input: Int32, output: Int32, errors: Int32
) throws(JobError) -> pid_t {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  for (descriptor, number) in [
    (input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO),
  ]
  where descriptor != number {
    unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, number)
  }
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
  unsafe posix_spawnattr_setpgroup(&attributes, 0)
  var words = unsafe ([program.name] + program.arguments).map { unsafe strdup($0) } + [nil]
  defer { for index in unsafe words.indices { unsafe free(words[index]) } }
  var process: pid_t = 0
  let number = unsafe posix_spawnp(&process, program.name, &actions, &attributes, &words, environ)
  guard number == 0 else {
    throw JobError(.system, "run \(program.name): \(reason(number))")
  }
  return process
}

/// Hands over what can be read now; false at the end.
private func read(_ descriptor: Int32, _ body: (ArraySlice<UInt8>) -> Void) -> Bool {
  var bytes = [UInt8](repeating: 0, count: 16384)
  while true {
    let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
    if count > 0 {
      body(bytes[..<count])
    } else if count == 0 || errno != EINTR {
      return count < 0 && errno == EAGAIN
    }
  }
}

private func show(_ bytes: [UInt8]) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes {
      unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
    }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      return
    }
  }
}
