import Configuration
import Glibc
import Keyring
import SystemFiles
import SystemPackage

/// What surrounds this process: its user, its environment, the directory it was started in.
struct ProcessContext: Sendable {
  let isRoot: Bool
  let currentDirectory: FilePath
  /// `$HOME`, else what the account says; nil if neither is known.
  let homeDirectory: FilePath?
  /// How keys are read, and who is asked for their passwords.
  let keyring: Keyring

  /// - Parameter console: says what keys want to be seen.
  /// - Throws: `CommandFailure` if the current directory is gone.
  static func current(_ console: Console) throws(CommandFailure) -> ProcessContext {
    guard let directory = unsafe getcwd(nil, 0) else {
      throw CommandFailure(
        "find the current directory: \(Errno(rawValue: errno).description.lowercased())")
    }
    defer { unsafe free(directory) }
    return ProcessContext(
      isRoot: geteuid() == 0, currentDirectory: unsafe FilePath(platformString: directory),
      homeDirectory: home(), keyring: .asking(TerminalPrompter(console: console)))
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

  /// All environment variables.
  static func variables() -> [String: String] {
    var result: [String: String] = [:]
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let parts = unsafe String(cString: entry).split(separator: "=", maxSplits: 1)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
      unsafe next += 1
    }
    return result
  }

  /// The world for the expression of a manifest, or of a file whose value is asked for: whatever the
  /// user may read, and the environment; for root, the repository that nobody else can write.
  ///
  /// - Parameters:
  ///   - allowRead: whether root may read outside the repository, too.
  ///   - places: what goes before `NIX_PATH`, entries like its own.
  func world(
    evaluating path: FilePath, allowRead: Bool, searching places: [String] = [],
    _ console: Console
  ) throws -> ConfigurationWorld {
    // Most runs have nobody to look up.
    let hasInvoker = isRoot && Self.environment("SUDO_UID") != nil
    return try ConfigurationWorld(
      for: path, isRoot: isRoot,
      invokingUser: hasInvoker
        ? try LocalMachine(environment: Self.variables()).invokingUser : nil,
      allowRead: allowRead,
      environment: { name in
        guard name == "NIX_PATH", !places.isEmpty else { return Self.environment(name) }
        return (places + [Self.environment(name) ?? ""]).joined(separator: ":")
      }, onTrace: console.trace)
  }

  /// A path as a person types it, made absolute.
  func absolute(_ path: String) -> FilePath {
    currentDirectory.pushing(FilePath(path)).lexicallyNormalized()
  }
}

extension String {
  fileprivate var asPath: FilePath? { isEmpty ? nil : FilePath(self) }
}
