internal import CSystemCalls
import Glibc
internal import Programs
internal import SystemPackage

/// Runs programs one after the other, each to its end, and notes the signals that come meanwhile.
///
/// What a program writes to standard error is passed on as it comes, and the reason for a failure is taken from it.
struct Runner {
  private var signals: Signals
  /// What is not to be shown of what programs say.
  var hidden: [String] = []

  /// Where standard output goes.
  enum Output {
    /// Where this process's own goes.
    case shown
    /// To who called, and not beyond this many bytes.
    case kept(limit: Int)
  }

  /// How a program ended.
  struct Outcome {
    let program: String
    let ending: Program.Ending
    /// Its standard output, if that was kept.
    var output: [UInt8] = []
    /// The line of its standard error that says most.
    let reason: String?

    /// Whether it is restic that found the repository locked.
    var isLocked: Bool {
      !ending.isSuccess
        && (ending == .exited(11) || reason?.contains(ErrorLines.locked) ?? false)
    }
  }

  init() throws(JobError) { signals = try Signals() }

  /// The signal that wants this process to end.
  mutating func endingSignal() -> Int32? {
    _ = signals.take()
    return signals.end
  }

  /// Runs a program to its end, on this process's standard input.
  ///
  /// - Parameter showsErrors: whether its standard error is passed on.
  /// - Throws: `JobError` if it cannot be started.
  mutating func run(
    _ program: Program, output: Output = .shown, showsErrors: Bool = true
  ) throws(JobError) -> Outcome {
    let keeps = if case .kept = output { true } else { false }
    let kept = keeps ? try Pipe() : nil
    var run = Run(signals, showsErrors: showsErrors)
    defer { signals = run.signals }
    try run.start(program, input: STDIN_FILENO, output: kept?.input ?? STDOUT_FILENO, hidden)
    if let kept, case .kept(let limit) = output {
      close(kept.input)
      run.keep(kept.output, limit: limit)
    }
    run.finish()
    var outcome = run.outcomes[0]
    outcome.output = run.kept
    return outcome
  }

  /// Runs a consumer on what a producer writes.
  ///
  /// The consumer sees the end of its input only after the producer has succeeded. If that fails the consumer is
  /// interrupted instead, so that it never takes a part for the whole.
  ///
  /// - Returns: the outcome of the producer if it failed first, else of the consumer.
  /// - Throws: `JobError` if one of them cannot be started.
  mutating func run(
    _ producer: Program, into consumer: Program
  ) throws(JobError) -> Outcome {
    let pipe = try Pipe()
    var gate: Int32? = pipe.input
    var run = Run(signals, showsErrors: true)
    defer {
      signals = run.signals
      if let gate { close(gate) }
    }
    do {
      defer { close(pipe.output) }
      try run.start(consumer, input: pipe.output, output: STDOUT_FILENO, hidden)
    }
    var isInterrupted = false
    do {
      try run.start(producer, input: STDIN_FILENO, output: pipe.input, hidden)
    } catch {
      run.signal(SIGINT, to: 0)
      run.finish()
      run.outlive(0)
      throw error
    }
    run.finish { run in
      switch (producer: run.ending(of: 1), consumer: run.ending(of: 0)) {
      case (nil, .some): run.signal(SIGTERM, to: 1)
      case (.exited(0), nil):
        if let open = gate { close(open) }
        gate = nil
      case (.some, nil):
        isInterrupted = true
        run.signal(SIGINT, to: 0)
      default: break
      }
    }
    if isInterrupted { run.outlive(0) }
    return run.outcomes[isInterrupted ? 1 : 0]
  }

  /// Waits, but no longer than until a signal comes.
  mutating func sleep(seconds: UInt32) {
    var polled = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&polled, 1, Int32(seconds) * 1000)
  }
}

/// A pipe's two ends, which no other program inherits.
struct Pipe {
  /// What is read from.
  let output: Int32
  /// What is written to.
  let input: Int32

  init() throws(JobError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe adage_pipe(&ends) == 0 else {
      throw JobError(.system, "make a pipe: \(reason(errno))")
    }
    output = ends[0]
    input = ends[1]
  }
}
