package import SystemFiles

/// Why a secret could not be decrypted, edited or rekeyed.
///
/// Two errors are equal if their codes are, whatever they say.
package struct EditingError: Error, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The secret has a rule but no file.
    case notThere
    /// There is no key to decrypt with, or none of those there are fits.
    case noIdentity
    /// A rule names a key that cannot be used, or none.
    case badRecipient
    /// The cipher text, or a key file, could not be used.
    case badFile
    /// The new content is empty, and nobody said that it may be.
    case empty
    /// The editor could not be started, or said that it failed.
    case editor
    /// No directory in memory is to be had.
    case noMemoryDirectory
    /// Reading or writing failed.
    case files
    /// Several secrets failed.
    case several
  }

  package let code: Code
  package let reason: String
  package let hint: String?
  /// The single failures of several, a line each.
  package let details: [String]

  package init(_ code: Code, _ reason: String, details: [String] = [], hint: String? = nil) {
    self.code = code
    self.reason = reason
    self.details = details
    self.hint = hint
  }

  package init(_ error: SystemFilesError) {
    self.init(.files, error.description)
  }

  /// Several failures of one run, a line each.
  package init(several failures: [EditingError], doing operation: String) {
    if failures.count == 1 {
      self = failures[0]
      return
    }
    self.init(
      .several, "\(operation): \(failures.count) secrets failed; nothing was changed",
      details: failures.map(\.reason), hint: failures.lazy.compactMap(\.hint).first)
  }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
