import Age
import Glibc
import Keyring
import SecretMemory
import Synchronization
import SystemPackage

/// Asks whoever answers systemd's questions (systemd-ask-password(1)): on the console, on terminals, on the desktop.
///
/// For services, which have no terminal. All questions of a run share one time limit.
struct AskPasswordPrompter: Prompter {
  private static let program = "systemd-ask-password"

  /// Says what is only to be seen.
  let console: Console
  /// How long the questions of a run may stand, in seconds.
  let patience: Int
  private let end: ContinuousClock.Instant

  private static let turn = Mutex(())

  init(console: Console, patience: Int) {
    self.console = console
    self.patience = patience
    end = .now + .seconds(patience)
  }

  func secret(_ prompt: String) throws(AgeError) -> SecretBytes {
    try ask(TerminalPrompter.question(prompt), about: prompt)
  }

  func answer(_ prompt: String) throws(AgeError) -> String {
    text(of: try ask(TerminalPrompter.question(prompt), about: prompt, isVisible: true))
  }

  func confirm(_ question: String, yes: String, no: String?) throws(AgeError) -> Bool {
    let text = question.onOneLine
    guard let no else {
      _ = try ask("\(text) (press enter for \"\(yes.onOneLine)\")", about: text, isVisible: true)
      return true
    }
    let choice = "\(text) (y for \"\(yes.onOneLine)\", n for \"\(no.onOneLine)\")"
    for _ in 1...3 {
      switch self.text(of: try ask(choice, about: text, isVisible: true)).lowercased() {
      case "y", "yes": return true
      case "n", "no": return false
      default: continue
      }
    }
    throw AgeError(.cancelled, "ask \"\(text)\": the answer was neither y nor n")
  }

  func show(_ message: String) { console.say(message) }

  private func text(of answer: borrowing SecretBytes) -> String {
    unsafe answer.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
  }

  private func ask(
    _ question: String, about subject: String, isVisible: Bool = false
  ) throws(AgeError) -> SecretBytes {
    try Self.turn.withLock { _ throws(AgeError) in
      let left = Int((end - .now).components.seconds)
      guard left > 0 else { throw nobodyAnswered(subject) }
      let words =
        [
          Self.program, "--id=adage:\(subject.onOneLine)", "--icon=dialog-password",
          "--timeout=\(left)",
        ] + (isVisible ? ["--echo"] : [])
        + ["--", question.last == " " ? String(question.dropLast()) : question]
      var status: Int32 = 0
      let answer = try run(words, subject, &status)
      guard status == 0 else {
        if end - .now < .seconds(1) { throw nobodyAnswered(subject) }
        throw AgeError(.cancelled, "ask for \(subject): there was no answer")
      }
      return try withoutLineEnd(answer)
    }
  }

  private func nobodyAnswered(_ subject: String) -> AgeError {
    AgeError(
      .cancelled, "ask for \(subject): nobody answered within \(patience) seconds",
      hint: "`systemctl start adage-late.target` asks again")
  }

  /// Runs the program, whose answer goes from its pipe into guarded memory.
  private func run(
    _ words: [String], _ subject: String, _ status: inout Int32
  ) throws(AgeError) -> SecretBytes {
    let process: pid_t
    let output: FileDescriptor
    do throws(Errno) {
      let ends = try FileDescriptor.pipe(options: .closeOnExec)
      defer { try? ends.writeEnd.close() }
      output = ends.readEnd
      process = try start(words, output: ends.writeEnd.rawValue)
    } catch {
      throw AgeError(
        .nobodyToAsk, "ask for \(subject): run \(Self.program)", errno: error,
        hint: "run `adage activate` where somebody can answer")
    }
    defer { try? output.close() }
    do throws(KeyringError) {
      let answer = try KeyFile.read(output, .readable)
      status = wait(for: process)
      return answer
    } catch {
      _ = wait(for: process)
      throw AgeError(error.code == .memory ? .memory : .read, "read the answer: \(error)")
    }
  }

  private func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  /// Starts a program that is looked up on `PATH`, with our environment and standard streams but for its output.
  private func start(_ words: [String], output: Int32) throws(Errno) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var words = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    var process: pid_t = 0
    let number = unsafe posix_spawnp(&process, Self.program, &actions, nil, &words, environ)
    guard number == 0 else { throw Errno(rawValue: number) }
    return process
  }

  private func withoutLineEnd(_ answer: consuming SecretBytes) throws(AgeError) -> SecretBytes {
    let count = answer.withSpan { bytes in
      bytes.count - (bytes.count > 0 && bytes[bytes.count - 1] == UInt8(ascii: "\n") ? 1 : 0)
    }
    var buffer = SecretBuffer(answer, locking: .required)
    buffer.truncate(to: count)
    return buffer.finish()
  }
}
