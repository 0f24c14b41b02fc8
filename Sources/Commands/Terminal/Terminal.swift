import Age
import CSystemCalls
import Glibc
import SecretMemory
import SystemPackage

/// The terminal that controls this process, open for questions whatever standard input and output are.
struct Terminal: ~Copyable {
  private let descriptor: FileDescriptor
  private let isOwn: Bool

  /// Opens `/dev/tty`; where there is none, standard input if that is a terminal.
  init() throws(Errno) {
    do {
      descriptor = try FileDescriptor.open(
        FilePath("/dev/tty"), .readWrite, options: .closeOnExec)
      isOwn = true
    } catch {
      guard isatty(STDIN_FILENO) == 1 else { throw error as? Errno ?? .ioError }
      descriptor = .standardInput
      isOwn = false
    }
  }

  deinit {
    if isOwn { try? descriptor.close() }
  }

  /// Shows a question and reads a line, of which nothing is seen unless it is `visible`; then takes the question away.
  ///
  /// - Throws: `AgeError` with the code `.cancelled`, `.read` or `.memory`.
  func ask(_ question: String, visible: Bool = false) throws(AgeError) -> SecretBytes {
    try quietly(question) { keys throws(AgeError) in
      var line = try SecretLine(keys)
      while true {
        let byte = try readByte()
        // The question came again, and the kernel has forgotten a part of what was typed before.
        if adage_terminal_was_resumed() != 0 { line = try SecretLine(keys) }
        switch try line.take(byte) {
        case .nothing: continue
        case .added: if visible { write([byte]) }
        case .erased(let count): if visible { for _ in 0..<count { write("\u{8} \u{8}".utf8) } }
        case .finished: return line.finish()
        case .cancelled: throw Self.cancelled
        }
      }
    }
  }

  /// Shows a question and reads a single key.
  ///
  /// - Throws: as `ask(_:visible:)`.
  func askForKey(_ question: String) throws(AgeError) -> UInt8 {
    try quietly(question) { keys throws(AgeError) in
      let key = try readByte()
      if key == keys.end { throw Self.cancelled }
      return key
    }
  }

  /// Shows a line.
  func show(_ line: String) { write("\(line)\n".utf8) }

  /// Shows a secret within a line.
  func show(_ start: String, _ secret: borrowing SecretBytes, _ end: String) {
    write(start.utf8)
    _ = unsafe secret.withUnsafeBytes { unsafe try? descriptor.writeAll($0) }
    write("\(end)\n".utf8)
  }

  private static var cancelled: AgeError { AgeError(.cancelled, "read the answer: there is none") }

  private func quietly<Answer: ~Copyable>(
    _ question: String, _ body: (adage_terminal_keys) throws(AgeError) -> Answer
  ) throws(AgeError) -> Answer {
    let text = unsafe strdup(question)
    defer { unsafe free(text) }
    var keys = adage_terminal_keys()
    guard unsafe adage_terminal_begin(descriptor.rawValue, text, &keys) == 0 else {
      throw AgeError(.read, "ask on the terminal", errno: Errno(rawValue: errno))
    }
    defer {
      adage_terminal_end()
      takeQuestionAway()
    }
    return try body(keys)
  }

  /// Begins a new line, which works everywhere, and erases the one above, which works on most terminals.
  private func takeQuestionAway() {
    let name = ProcessContext.environment("TERM")
    write((name == nil || name == "dumb" ? "\n" : "\n\u{1b}[F\u{1b}[K").utf8)
  }

  private func readByte() throws(AgeError) -> UInt8 {
    var byte: UInt8 = 0
    do {
      let count = unsafe try withUnsafeMutableBytes(of: &byte) {
        unsafe try descriptor.read(into: $0)
      }
      if count == 0 { throw AgeError(.cancelled, "read the answer: the terminal is gone") }
      return byte
    } catch let error as AgeError {
      throw error
    } catch {
      throw AgeError(.read, "read the answer", errno: error as? Errno)
    }
  }

  private func write(_ bytes: some Sequence<UInt8>) {
    // Who does not see it can still answer.
    _ = try? descriptor.writeAll(bytes)
  }
}
