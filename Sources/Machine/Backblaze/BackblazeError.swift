/// Why something could not be done at Backblaze.
///
/// Two errors are equal if their codes are, whatever they say.
package struct BackblazeError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// There is a bucket of that name which cannot be used.
    case bucket
    /// Backblaze, or the command for it, refused.
    case refused
    /// A program could not be run.
    case program
    /// An answer is not what it should be.
    case answer
  }

  package let code: Code
  package let reason: String
  package let hint: String?

  init(_ code: Code, _ reason: String, hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.hint = hint
  }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
