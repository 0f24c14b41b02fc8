internal import CSystemCalls
import Glibc
internal import SystemPackage

/// Signals of this process, while it runs others: those that would end it are noted, so that what they interrupt can
/// be recorded first.
struct Signals {
  /// A descriptor that can be read when there is something to `take`.
  let descriptor: Int32
  /// The first signal that came and that would have ended this process.
  private(set) var end: Int32?

  /// - Throws: `JobError` if this process has no descriptor left.
  init() throws(JobError) {
    descriptor = adage_tell_signals()
    if descriptor < 0 { throw JobError(.system, "wait for signals: \(reason(errno))") }
  }

  /// Reads what came; the signals that would have ended this process.
  mutating func take() -> [Int32] {
    var bytes = [UInt8](repeating: 0, count: 64)
    var ends: [Int32] = []
    while true {
      let count = unsafe read(descriptor, &bytes, bytes.count)
      if count <= 0 { break }
      ends += bytes[..<count].map(Int32.init).filter { $0 != SIGCHLD }
    }
    end = end ?? ends.first
    return ends
  }

  /// Ends this process by a signal, as if that had not been held back.
  static func end(by number: Int32) { adage_end_by_signal(number) }
}

/// What the system says of an error's number: in lower case, and without a full stop.
func reason(_ number: Int32) -> String {
  "\(Errno(rawValue: number))".lowercased()
}
