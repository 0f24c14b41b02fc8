package import SystemPackage

/// Why a file, a directory, a mount or an account could not be used.
///
/// Two errors are equal if their codes are, whatever they say.
package struct SystemFilesError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is; stable, so that callers can decide by it.
  package enum Code: Sendable, Hashable {
    /// Nothing is there (`ENOENT`).
    case notFound
    /// Permission is lacking (`EACCES`, `EPERM`, `EROFS`).
    case notPermitted
    /// Something is there already (`EEXIST`).
    case exists
    /// A link is where none is followed.
    case link
    /// Something else than a directory is where one is needed (`ENOTDIR`).
    case notDirectory
    /// A directory is where a file is needed (`EISDIR`).
    case directory
    /// A FIFO, socket or device is where a regular file is needed.
    case notRegular
    /// A file is larger than the reader's limit.
    case tooLarge
    /// Some files of a batch had been replaced when the next could not be.
    case partlyReplaced
    /// A path or a line of a system's file that makes no sense.
    case invalid
    /// Whatever else a system call says.
    case system
  }

  package let code: Code
  /// What was attempted: a verb, such as `open`.
  package let operation: String
  /// On what.
  package let path: String
  /// The system's reason, where it gave one.
  package let errno: Errno?
  /// The reason in our words, where the system's is missing or says too little.
  package let reason: String?

  package init(
    _ code: Code, _ operation: String, _ path: FilePath, reason: String? = nil,
    errno: Errno? = nil
  ) {
    self.code = code
    self.operation = operation
    self.path = printable(path.string)
    self.reason = reason
    self.errno = errno
  }

  /// A failed system call; the code follows from the number.
  package init(_ operation: String, _ path: FilePath, _ errno: Errno) {
    let code: Code =
      switch errno {
      case .noSuchFileOrDirectory: .notFound
      case .permissionDenied, .notPermitted, .readOnlyFileSystem: .notPermitted
      case .fileExists: .exists
      case .tooManySymbolicLinkLevels: .link
      case .notDirectory: .notDirectory
      case .isDirectory: .directory
      default: .system
      }
    self.init(code, operation, path, errno: errno)
  }

  /// `operation path: cause`, in lower case and without a full stop.
  package var description: String { "\(operation) \(path): \(cause)" }

  /// The cause alone.
  package var cause: String {
    if let reason { return reason }
    guard let errno else { return "\(code)" }
    return lowercasingFirst(errno.description)
  }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// A text with its control characters escaped, so that a file's name cannot drive a terminal.
package func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
    return text
  }
  var result = ""
  for scalar in text.unicodeScalars {
    if scalar.properties.generalCategory == .control {
      result += scalar.escaped(asASCII: true)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func lowercasingFirst(_ text: String) -> String {
  let second = text.dropFirst().first
  if let second, second.isUppercase { return text }
  return text.prefix(1).lowercased() + text.dropFirst()
}
