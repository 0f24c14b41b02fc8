public import SystemPackage

/// Why memory for a secret could not be had.
///
/// Two errors are equal when their codes are.
public struct SecretMemoryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: Sendable, Hashable {
    /// The memory cannot be locked, so it could be written to swap.
    case notLocked
    /// There is no memory.
    case exhausted
    /// libsodium does not start.
    case library
  }

  /// The kind of failure.
  public let code: Code
  /// What was attempted, on what, and why it failed.
  public let reason: String
  /// What the system said.
  public let errno: Errno?
  /// A way out, where there is one.
  public let hint: String?

  init(_ code: Code, _ reason: String, errno: Errno? = nil, hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.errno = errno
    self.hint = hint
  }

  public var description: String {
    guard let errno else { return reason }
    return "\(reason): \(errno.description.lowercased())"
  }

  public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
