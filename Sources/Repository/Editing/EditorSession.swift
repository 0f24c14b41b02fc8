import Dispatch
import Glibc
package import SecretMemory
import Subprocess
import Synchronization
import SystemFiles
package import SystemPackage

/// One run of an editor on clear text, which is gone afterwards however the run ends.
///
/// The clear text lies in a `MemoryDirectory`. A signal that ends this process removes it first; a
/// second process, the watcher, removes it where this one is killed.
package struct EditorSession: Sendable {
  /// The argument that makes this program a watcher; `watch(over:)` is what it then does.
  package static let watcherFlag = "--remove-after-editing"

  private let editor: EditorProgram
  private let program: FilePath
  private let runtimeDirectory: String?

  /// Finds the editor.
  ///
  /// - Throws: `EditingError` with the code `.editor` if it is not there.
  package init(editor: EditorProgram, environment: (String) -> String?) throws(EditingError) {
    self.editor = editor
    runtimeDirectory = environment("XDG_RUNTIME_DIR")
    guard let program = findProgram(editor.words[0], searchPath: environment("PATH") ?? "") else {
      throw EditingError(
        .editor, "start the editor '\(editor.words[0])': there is no such program",
        hint: "set EDITOR to the editor you use")
    }
    self.program = program
  }

  /// Lets the person edit a text.
  ///
  /// - Parameters:
  ///   - clearText: the text; nil if the file does not exist yet.
  ///   - name: the file's name, which editors show and choose a syntax by.
  /// - Returns: the new text; nil if the editor left no file.
  /// - Throws: `EditingError` if the editor ended with another status than 0: the text is not to be
  ///   changed then.
  package func edit(
    _ clearText: borrowing SecretBytes?, named name: FilePath.Component
  ) async throws(EditingError) -> SecretBytes? {
    let directory = try MemoryDirectory(
      in: MemoryDirectory.candidates(runtimeDirectory: runtimeDirectory))
    let path = directory.path
    defer { MemoryDirectory.clean(path) }
    let signals = EndingSignals(removing: path)
    let sources = signals.start()
    defer {
      signals.awaitEnd()
      signals.stop(sources)
    }
    forbidCoreFiles()
    let after: SecretBytes?
    do {
      after = try await run(
        .path("/proc/self/exe"), arguments: [Self.watcherFlag, path.string],
        platformOptions: .ownSession, input: .inputWriter, output: .discarded, error: .discarded
      ) { watcher in
        switch clearText {
        case .some(let text): try directory.write(text, to: name)
        case .none: break
        }
        try await runEditor(on: path.appending(name), signals)
        // The watcher removes the directory as soon as this returns.
        return try directory.read(name)
      }.closureResult
    } catch let error as EditingError {
      throw error
    } catch {
      throw EditingError(.editor, "run the editor \(program): \(error)")
    }
    MemoryDirectory.clean(path)
    guard (try? FileStatus(path)) == nil else {
      throw EditingError(.files, "remove the clear text at \(path): it is still there")
    }
    return after
  }

  /// Runs the editor, on this process's terminal, until it ends.
  private func runEditor(on file: FilePath, _ signals: EndingSignals) async throws {
    let arguments = editor.arguments(editing: file, program: program)
    let result = try await Subprocess.run(
      // By the name it was asked for: some programs are several in one file.
      Executable.path(program),
      arguments: Arguments(executablePathOverride: editor.words[0], remainingValues: arguments),
      input: .currentStandardInput, output: .currentStandardOutput, error: .currentStandardError
    ) { signals.forward(to: $0.processIdentifier.value) }
    signals.forward(to: nil)
    guard result.terminationStatus.isSuccess else {
      throw EditingError(
        .editor, "edit: the editor \(program) ended with \(result.terminationStatus.inWords)")
    }
  }

  /// Waits until the process that started this one is gone, then removes the directory if it could
  /// not do so itself.
  package static func watch(over directory: FilePath) {
    for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] { Glibc.signal(signal, SIG_IGN) }
    var byte: UInt8 = 0
    while true {
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count == 0 || (count < 0 && errno != EINTR) { break }
    }
    MemoryDirectory.clean(directory)
  }
}

extension PlatformOptions {
  /// Signals of the terminal do not reach a process in a session of its own.
  fileprivate static var ownSession: PlatformOptions {
    var options = PlatformOptions()
    options.createSession = true
    return options
  }
}

extension TerminationStatus {
  fileprivate var inWords: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .signaled(let signal): "signal \(signal)"
    }
  }
}

/// The signals that end this process, while an editor runs.
///
/// Ctrl-C and Ctrl-\ are the editor's affair. Others reach the editor, too; then the clear text is
/// removed, and the signal does what it always does.
private final class EndingSignals: Sendable {
  private static let ignored = [SIGINT, SIGQUIT]
  private static let ending = [SIGTERM, SIGHUP]

  private let directory: FilePath
  /// The editor's process, 0 before it runs.
  private let editor = Atomic<pid_t>(0)
  /// Whether a signal is ending this process.
  private let isEnding = Atomic<Bool>(false)

  init(removing directory: FilePath) { self.directory = directory }

  /// Names the editor's process; nil once it has ended, when its number may soon be another's.
  func forward(to process: pid_t?) {
    editor.store(process ?? 0, ordering: .sequentiallyConsistent)
  }

  func start() -> [any DispatchSourceSignal] {
    for number in Self.ignored { Glibc.signal(number, SIG_IGN) }
    return Self.ending.map { number in
      Glibc.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in end(by: number) }
      source.resume()
      return source
    }
  }

  func stop(_ sources: [any DispatchSourceSignal]) {
    for source in sources { source.cancel() }
    for number in Self.ignored + Self.ending { Glibc.signal(number, SIG_DFL) }
  }

  /// Does not return if a signal has come, which will end this process at once: that the editor
  /// ended, too, is no failure to tell of.
  func awaitEnd() {
    while isEnding.load(ordering: .sequentiallyConsistent) { pause() }
  }

  private func end(by number: Int32) {
    isEnding.store(true, ordering: .sequentiallyConsistent)
    let process = editor.load(ordering: .sequentiallyConsistent)
    if process > 0 { kill(process, number) }
    MemoryDirectory.clean(directory)
    Glibc.signal(number, SIG_DFL)
    // Not `raise`: the queue's threads block signals.
    kill(getpid(), number)
  }
}
