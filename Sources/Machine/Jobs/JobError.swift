/// Why a job, or a step of one, failed.
///
/// Two errors are equal if their codes are, whatever they say.
package struct JobError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The job is not on this machine, or its file is not one that this program reads.
    case job
    /// A file of the job's could not be used.
    case system
    /// A step ended with another status than 0.
    case step
  }

  package let code: Code
  /// Operation, object and cause, in one line, in lower case and without a full stop.
  package let reason: String
  /// A way out, where there is one.
  package let hint: String?
  /// The exit status of what failed, for this program to end with.
  package let status: Int32

  package init(_ code: Code, _ reason: String, hint: String? = nil, status: Int32 = 1) {
    self.code = code
    self.reason = reason
    self.hint = hint
    self.status = status
  }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
