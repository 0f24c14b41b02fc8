import Age
import SecretMemory

/// Why an SSH key could not be read; nothing in it repeats what the key's file says.
///
/// Two errors are equal when their codes are.
public struct SSHKeyError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: Sendable, Hashable {
    /// The text is no SSH key, or a damaged one.
    case malformed
    /// The key is of a type, a size or protected in a way that cannot be used.
    case notSupported
    /// The private key is protected by a password: see `ProtectedSSHIdentity`.
    case passwordProtected
    /// The password is not that of the private key.
    case wrongPassword
    /// The file of a protected private key does not say which key it is, and the public key was not given.
    case publicKeyMissing
    /// Guarded memory could not be had.
    case memory
  }

  /// The kind of failure.
  public let code: Code
  /// What is wrong.
  public let reason: String
  /// A way out, where there is one.
  public let hint: String?

  init(_ code: Code, _ reason: String, hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.hint = hint
  }

  init(_ error: SecretMemoryError) {
    self.init(.memory, "\(error)", hint: error.hint)
  }

  public var description: String { reason }

  public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

  /// The error as the one of an identity that cannot be used; `operation` names it.
  func asAgeError(_ operation: String) -> AgeError {
    let code: AgeError.Code =
      switch self.code {
      case .memory: .memory
      case .wrongPassword: .wrongPassword
      default: .identity
      }
    return AgeError(code, "\(operation): \(reason)", hint: hint)
  }
}

/// Runs what needs guarded memory, with its errors as this module's.
func guardingKey<Result: ~Copyable>(
  _ body: () throws(SecretMemoryError) -> Result
) throws(SSHKeyError) -> Result {
  do { return try body() } catch { throw SSHKeyError(error) }
}
