import Glibc
import SecretMemory
import Synchronization
import SystemPackage

/// The one place that talks to the person: standard error for words, standard output for what was
/// asked for and nothing else.
struct Console: Sendable {
  /// The name under which the program was called, which begins each line.
  let program: String
  let isVerbose: Bool
  /// Whether an error is called one, as `age` does.
  var labelsErrors = false

  /// Says something that the person should know.
  func say(_ message: String) {
    writeLine(message)
  }

  /// Says what an expression said with `builtins.trace`, which may have several lines.
  func trace(_ message: String) {
    for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
      writeLine("trace: \(line)")
    }
  }

  /// Says what is being done, where `-v` asked for it.
  func detail(_ message: @autoclosure () -> String) {
    if isVerbose { writeLine(message()) }
  }

  /// Says that something is not as it should be, though the work goes on.
  func warn(_ message: String) {
    writeLine("warning: \(message)")
  }

  /// How many lines of a chain of evaluation are shown.
  private static let maximumTrace = 12

  /// Says that clear text was in memory that could not be locked, if any was.
  func warnIfUnlocked() {
    if SecretBytes.anyUnlocked {
      warn("clear text was in memory that could not be locked: raise `ulimit -l`")
    }
  }

  /// Says why the work failed. What was being evaluated is told where `-v` asked for it.
  func report(_ failure: any Failure) {
    writeLine(labelsErrors ? "error: \(failure.description)" : failure.description)
    var lines = failure.details
    if isVerbose {
      lines += failure.trace.prefix(Self.maximumTrace)
      let rest = failure.trace.count - Self.maximumTrace
      if rest > 0 { lines.append("and \(rest) more") }
    }
    for line in lines { write("  \(line.onOneLine)\n") }
    if let hint = failure.hint { writeLine("hint: \(hint)") }
  }

  /// Writes what was asked for.
  func print(_ text: String) throws(ConsoleError) {
    try print(bytes: Array(text.utf8))
  }

  /// As `print(_:)`, for what may not be UTF-8.
  func print(bytes: [UInt8]) throws(ConsoleError) {
    do {
      try FileDescriptor.standardOutput.writeAll(bytes)
    } catch {
      throw ConsoleError(cause: error)
    }
  }

  /// Says how a subcommand is called.
  func usage(_ text: String) {
    write(text + "\n")
  }

  private func writeLine(_ text: String) {
    write("\(program): \(text.onOneLine)\n")
  }

  private func write(_ text: String) {
    // Nobody is left to hear that standard error is closed.
    _ = try? FileDescriptor.standardError.writeAll(text.visible.utf8)
  }
}

/// Standard output could not be written.
struct ConsoleError: Failure {
  let cause: any Error

  var description: String { "write to standard output: \("\(cause)".lowercased())" }
}

extension String {
  /// The text with control characters made visible, so that no name or file content can move a
  /// terminal's cursor or change its colours. Line ends and tabs stay.
  var visible: String {
    escaping(\.isControl)
  }

  /// The text with line ends made visible, too: what a name or an expression says stays behind the
  /// program's name, and cannot pass for a message of its own.
  var onOneLine: String {
    escaping { $0 == "\n" || $0.isControl }
  }

  private func escaping(_ isUnwanted: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isUnwanted) else { return self }
    return unicodeScalars.reduce(into: "") { result, scalar in
      if isUnwanted(scalar) {
        result += scalar.escaped(asASCII: true)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool {
    self != "\n" && self != "\t" && properties.generalCategory == .control
  }
}
