package import SystemPackage

/// Why a recipient or an identity could not be had; nothing in it repeats what a key's file says.
///
/// Two errors are equal when their codes are.
package struct KeyringError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure.
  package enum Code: Sendable, Hashable {
    /// There is no such file.
    case missing
    /// The file cannot be opened or read, or is no regular file.
    case unreadable
    /// The text or file is no key, a damaged one, or too large.
    case malformed
    /// The key is of a type, or protected in a way, that cannot be used yet.
    case notSupported
    /// Guarded memory could not be had.
    case memory
  }

  /// Where a key comes from.
  package struct Origin: Sendable, Hashable, CustomStringConvertible {
    /// The file, or what else a message should call the place.
    package let place: String
    /// The line, counted from 1, where there are several.
    package let line: Int?

    package init(_ place: String, line: Int? = nil) {
      self.place = place
      self.line = line
    }

    package var description: String {
      guard let line else { return place }
      return "\(place), line \(line)"
    }
  }

  /// The kind of failure.
  package let code: Code
  /// The file and line.
  package let origin: Origin?
  /// What was attempted, and why it failed.
  package let reason: String
  /// What the system said.
  package let errno: Errno?
  /// A way out, where there is one.
  package let hint: String?

  init(
    _ code: Code, _ reason: String, origin: Origin? = nil, errno: Errno? = nil, hint: String? = nil
  ) {
    self.code = code
    self.reason = reason
    self.origin = origin
    self.errno = errno
    self.hint = hint
  }

  package var description: String {
    let place = origin.map { "\($0): " } ?? ""
    guard let errno else { return place + reason }
    return "\(place)\(reason): \(errno.description.lowercased())"
  }

  /// The same error, with the place it happened at.
  func at(_ origin: Origin) -> KeyringError {
    KeyringError(code, reason, origin: origin, errno: errno, hint: hint)
  }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
