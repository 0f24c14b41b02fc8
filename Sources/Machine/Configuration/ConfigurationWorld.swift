import Glibc
package import NixExpression
internal import NixLibrary
package import SystemFiles
package import SystemPackage

/// What evaluating a configuration may see: as root the files of its own repository, if nobody else
/// could have written them, and else everything that the user may read.
///
/// The same rules hold for whatever is evaluated as root.
package final class ConfigurationWorld: EvaluationWorld {
  /// Below which files may be read; nil means everywhere.
  private let repository: FilePath?
  /// The configuration, without links on the way to it: what it names relative to itself is there.
  let file: String
  private let environment: (String) -> String?
  private var trust: Trust?
  private let onTrace: (String) -> Void
  package let searchPath: [SearchPathEntry]

  /// Every file that was read from a disk, and its content.
  private(set) var sources: [(path: String, bytes: [UInt8])] = []
  /// Why a file was refused, which says more than the evaluator's error.
  private(set) var refusal: ConfigurationError?

  /// The most bytes that a file may have which an expression reads: 64 MiB.
  private static let largestFile = 64 << 20

  /// - Parameters:
  ///   - file: the configuration, whose repository is the nearest directory above it with a `.git`, else its own.
  ///   - isRoot: whether the rules for root apply.
  ///   - allowRead: whether root may read everywhere, too; who wrote it is checked all the same.
  ///   - environment: what `builtins.getEnv` sees; its `NIX_PATH` counts unless `isRoot`.
  package init(
    for file: FilePath, isRoot: Bool, invokingUser: UserAccount?, allowRead: Bool,
    environment: @escaping (String) -> String? = { _ in nil },
    onTrace: @escaping (String) -> Void = { _ in }
  ) throws(ConfigurationError) {
    let real = try realPath(file)
    self.file = real.string
    repository =
      isRoot && !allowRead ? Self.repository(around: real.removingLastComponent()) : nil
    trust = isRoot ? Trust(invokingUser: invokingUser) : nil
    self.environment = environment
    self.onTrace = onTrace
    searchPath =
      isRoot
      ? [SearchPathEntry(prefix: "nixpkgs", path: NixLibrary.directory)]
      : Self.searchPath(environment)
  }

  /// The entries of `NIX_PATH` that are on a disk, else Nix's own defaults, and last, so that any other goes
  /// before, our own library.
  private static func searchPath(_ environment: (String) -> String?) -> [SearchPathEntry] {
    let written = environment("NIX_PATH") ?? defaultSearchPath(home: environment("HOME"))
    var entries: [SearchPathEntry] = []
    for entry in written.split(separator: ":") {
      let parts = entry.split(separator: "=", maxSplits: 1)
      let path = FilePath(String(parts.last ?? ""))
      guard path.isAbsolute else { continue }
      entries.append(
        SearchPathEntry(
          prefix: parts.count == 2 ? String(parts[0]) : "",
          path: path.lexicallyNormalized().string))
    }
    return entries + [SearchPathEntry(prefix: "nixpkgs", path: NixLibrary.directory)]
  }

  /// Where Nix keeps channels.
  private static func defaultSearchPath(home: String?) -> String {
    let root = "/nix/var/nix/profiles/per-user/root/channels"
    let own = home.map { "\($0)/.nix-defexpr/channels:" } ?? ""
    return "\(own)nixpkgs=\(root)/nixpkgs:\(root)"
  }

  private static func repository(around directory: FilePath) -> FilePath {
    var candidate = directory
    while candidate.lastComponent != nil {
      if (try? FileStatus(candidate.appending(".git"))) != nil { return candidate }
      candidate = candidate.removingLastComponent()
    }
    return directory
  }

  // MARK: What the evaluator asks for

  package func readFile(_ path: String) throws(NixError) -> [UInt8] {
    if let bytes = NixLibrary.file(path) { return bytes }
    return try refusing { () throws(ConfigurationError) in
      let real = try realPath(FilePath(path))
      try requireInside(real, path)
      try trust?.check(real)
      do throws(SystemFilesError) {
        let bytes = try SystemFiles.readFile(
          real, limit: Self.largestFile, followingLinks: false)
        sources.append((real.string, bytes))
        return bytes
      } catch {
        throw ConfigurationError(.file, error.description)
      }
    }
  }

  package func imported(
    _ value: Value, from path: String, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try NixLibrary.imported(value, from: path, evaluator)
  }

  package func readDirectory(_ path: String) throws(NixError) -> [DirectoryEntry] {
    if let entries = NixLibrary.entries(of: path) { return entries }
    return try refusing { () throws(ConfigurationError) in
      let real = try realPath(FilePath(path))
      try requireInside(real, path)
      try trust?.check(real)
      do throws(SystemFilesError) {
        let directory = try DirectoryDescriptor(opening: real, followingLinks: false)
        var entries: [DirectoryEntry] = []
        for name in try directory.entries() {
          guard let status = try directory.status(of: name) else { continue }
          entries.append(DirectoryEntry(name: name.string, kind: FileKind(status.kind)))
        }
        return entries
      } catch {
        throw ConfigurationError(.file, error.description)
      }
    }
  }

  package func kind(of path: String) throws(NixError) -> FileKind? {
    if NixLibrary.mayHold(path) { return NixLibrary.kind(of: path) }
    return try refusing { () throws(ConfigurationError) -> FileKind? in
      guard let (parent, name) = try place(of: path) else { return nil }
      guard let name else { return .directory }
      do throws(SystemFilesError) {
        let status = try FileStatus(parent.appending(name), followingLinks: false)
        return FileKind(status.kind)
      } catch let error where error.code == .notFound || error.code == .notDirectory {
        return nil
      } catch {
        throw ConfigurationError(.file, error.description)
      }
    }
  }

  package func symbolicLinkTarget(of path: String) throws(NixError) -> String {
    try refusing { () throws(ConfigurationError) in
      do {
        guard let (parent, name) = try place(of: path), let name,
          let target = try DirectoryDescriptor(opening: parent).linkTarget(of: name)
        else { throw SystemFilesError("read link", FilePath(path), .noSuchFileOrDirectory) }
        return target.string
      } catch let error as ConfigurationError {
        throw error
      } catch {
        throw ConfigurationError(.file, "\(error)")
      }
    }
  }

  package func environmentVariable(_ name: String) -> [UInt8]? {
    environment(name).map { Array($0.utf8) }
  }

  package func hash(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(NixError) -> [UInt8] {
    try algorithm.hash(bytes)
  }

  package func trace(_ message: String) { onTrace(message) }
  package var homeDirectory: String? { environment("HOME") }

  /// Where the configuration is; a directory that is evaluated is where it is itself.
  package var currentDirectory: String {
    let path = FilePath(file)
    let isDirectory = (try? FileStatus(path))?.kind == .directory
    return isDirectory ? file : path.removingLastComponent().string
  }

  // MARK: Rules

  /// The real directory that holds a path, and the last component; nil if the directory is missing.
  private func place(
    of path: String
  ) throws(ConfigurationError) -> (parent: FilePath, name: FilePath.Component?)? {
    let given = FilePath(path)
    guard let name = given.lastComponent else { return (given, nil) }
    guard let parent = try? realPath(given.removingLastComponent()) else { return nil }
    try requireInside(parent.appending(name), path)
    return (parent, name)
  }

  private func requireInside(_ real: FilePath, _ path: String) throws(ConfigurationError) {
    guard let repository, !real.starts(with: repository) else { return }
    throw ConfigurationError(
      .denied,
      "evaluate as root: \(printable(path)) is outside of the configuration's repository, \(printable(repository.string))",
      hint: "--allow-read permits reading it")
  }

  /// Remembers why a file was refused, and tells the evaluator in its own words.
  private func refusing<Result>(
    _ body: () throws(ConfigurationError) -> Result
  ) throws(NixError) -> Result {
    do {
      return try body()
    } catch {
      if error.code != .file { refusal = error }
      throw NixError(.io, error.reason)
    }
  }
}

/// The path without links, `.` and `..`.
private func realPath(_ path: FilePath) throws(ConfigurationError) -> FilePath {
  guard let real = unsafe path.withPlatformString({ unsafe realpath($0, nil) }) else {
    let error = SystemFilesError("read", path, Errno(rawValue: errno))
    throw ConfigurationError(.file, error.description)
  }
  defer { unsafe free(real) }
  return unsafe FilePath(platformString: real)
}

extension FileKind {
  fileprivate init(_ kind: FileStatus.Kind) {
    switch kind {
    case .regular: self = .regular
    case .directory: self = .directory
    case .link: self = .symlink
    default: self = .unknown
    }
  }
}
