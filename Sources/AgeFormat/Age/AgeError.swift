public import SecretMemory
public import SystemPackage

/// Why a file could not be encrypted or decrypted, or a key not be read.
///
/// Two errors are equal when their codes are.
public struct AgeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: Sendable, Hashable {
    /// No identity unwraps the file key.
    case noMatch
    /// The header was changed: its MAC is wrong.
    case headerMAC
    /// The header, or a stanza that an identity recognised, is malformed or refused.
    case header
    /// The payload is damaged, cut short or has something after it.
    case payload
    /// The armor is malformed.
    case armor
    /// A recipient is malformed, or the recipients cannot be combined.
    case recipient
    /// An identity is malformed, or cannot be used.
    case identity
    /// A password is wrong.
    case wrongPassword
    /// A password or an answer is needed, and there is nobody to ask.
    case nobodyToAsk
    /// The person did not want to answer.
    case cancelled
    /// A plugin failed, or is not there.
    case plugin
    /// Guarded memory could not be had.
    case memory
    /// Reading failed.
    case read
    /// Writing failed.
    case write
  }

  /// The kind of failure.
  public let code: Code
  /// What was attempted, on what, and why it failed.
  public let reason: String
  /// What the system said.
  public let errno: Errno?
  /// A way out, where there is one.
  public let hint: String?

  public init(_ code: Code, _ reason: String, errno: Errno? = nil, hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.errno = errno
    self.hint = hint
  }

  /// An error of memory as one of this module's.
  public init(_ error: SecretMemoryError) {
    self.init(.memory, error.reason, errno: error.errno, hint: error.hint)
  }

  public var description: String {
    guard let errno else { return reason }
    return "\(reason): \(errno.description.lowercased())"
  }

  public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

/// Runs what needs guarded memory, with its errors as this module's.
package func guarding<Result: ~Copyable>(
  _ body: () throws(SecretMemoryError) -> Result
) throws(AgeError) -> Result {
  do { return try body() } catch { throw AgeError(error) }
}
