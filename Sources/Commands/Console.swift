import Glibc
import Synchronization
import SystemPackage

/// A failure as a person reads it: operation, object, cause; and a way out where there is one.
protocol Failure: Error {
  /// What was attempted, on what, and why it failed: lower case, no full stop.
  var reason: String { get }
  /// What the person could do.
  var hint: String? { get }
}

/// The one place that talks to the person: standard error for words, standard output for what was
/// asked for and nothing else.
struct Console: Sendable {
  /// The name under which the program was called, which begins each line.
  let program: String
  var isVerbose = false

  /// Says something that the person should know.
  func say(_ message: String) {
    writeLine(message)
  }

  /// Says what is being done, where `-v` asked for it.
  func detail(_ message: @autoclosure () -> String) {
    if isVerbose { writeLine(message()) }
  }

  /// Says that something is not as it should be, though the work goes on.
  func warn(_ message: String) {
    writeLine("warning: \(message)")
  }

  /// Says why the work failed.
  func report(_ failure: any Failure) {
    writeLine(failure.reason)
    if let hint = failure.hint { writeLine("hint: \(hint)") }
  }

  /// Writes what was asked for.
  func print(_ text: String) throws(ConsoleError) {
    do {
      try FileDescriptor.standardOutput.writeAll(text.utf8)
    } catch {
      throw ConsoleError(cause: error)
    }
  }

  private func writeLine(_ text: String) {
    // Nobody is left to hear that standard error is closed.
    _ = try? FileDescriptor.standardError.writeAll("\(program): \(text.visible)\n".utf8)
  }
}

/// Standard output could not be written.
struct ConsoleError: Failure {
  let cause: any Error

  var reason: String { "write to standard output: \(cause)" }
  var hint: String? { nil }
}

extension String {
  /// The text with control characters made visible, so that no name or file content can move a
  /// terminal's cursor or change its colours. Line ends stay.
  var visible: String {
    guard utf8.contains(where: { ($0 < 0x20 && $0 != 0x0A && $0 != 0x09) || $0 == 0x7F }) else {
      return self
    }
    return unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar.value {
      case 0x0A, 0x09: result.unicodeScalars.append(scalar)
      case 0..<0x20: result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      case 0x7F...0x9F: result += "\\x" + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
