import Glibc
import SystemFiles
import SystemPackage

/// What surrounds this process: its user, its environment, the directory it was started in.
struct ProcessContext: Sendable {
  let isRoot: Bool
  let currentDirectory: FilePath
  /// `$HOME`, else what the account says; nil if neither is known.
  let homeDirectory: FilePath?

  /// - Throws: `CommandFailure` if the current directory is gone.
  static func current() throws(CommandFailure) -> ProcessContext {
    guard let directory = unsafe getcwd(nil, 0) else {
      throw CommandFailure("find the current directory: \(Errno(rawValue: errno))")
    }
    defer { unsafe free(directory) }
    return ProcessContext(
      isRoot: geteuid() == 0, currentDirectory: unsafe FilePath(platformString: directory),
      homeDirectory: home())
  }

  private static func home() -> FilePath? {
    if let home = environment("HOME"), home.hasPrefix("/") { return FilePath(home) }
    return (try? Accounts.user(withID: geteuid()))??.home.asPath
  }

  /// An environment variable; nil if it is not set or empty.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// A path as a person types it, made absolute.
  func absolute(_ path: String) -> FilePath {
    currentDirectory.pushing(FilePath(path)).lexicallyNormalized()
  }
}

extension String {
  fileprivate var asPath: FilePath? { isEmpty ? nil : FilePath(self) }
}
