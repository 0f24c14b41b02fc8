/// What a directory entry is, as `builtins.readDir` names it.
package enum FileKind: String, Sendable {
  case regular
  case directory
  case symlink
  case unknown
}

/// A name below a directory and what it is; links are not followed.
package struct DirectoryEntry: Sendable {
  package let name: String
  package let kind: FileKind

  package init(name: String, kind: FileKind) {
    self.name = name
    self.kind = kind
  }
}

/// One entry of the search path: `<prefix/rest>` stands for `path/rest`; an empty prefix stands for all names.
package struct SearchPathEntry: Sendable {
  package let prefix: String
  package let path: String

  package init(prefix: String, path: String) {
    self.prefix = prefix
    self.path = path
  }
}

/// A hash function, as `builtins.hashString` names it.
package enum HashAlgorithm: String, Sendable, CaseIterable {
  case md5
  case sha1
  case sha256
  case sha512

  /// The length of its results: 16, 20, 32 or 64 bytes.
  package var byteCount: Int {
    switch self {
    case .md5: 16
    case .sha1: 20
    case .sha256: 32
    case .sha512: 64
    }
  }
}

/// Everything outside the language that an evaluation may see.
///
/// Paths are absolute and normalised, without `.`, `..` or a slash at the end. Every default denies or is empty,
/// so a world allows exactly what it implements. A method is called on the evaluator's own thread while the
/// caller's waits.
package protocol EvaluationWorld {
  /// The bytes of a file; fails with `NixError.Code.io`.
  func readFile(_ path: String) throws(NixError) -> [UInt8]

  /// What an import of a file gives, where that is more than the value of its expression; the default is that value.
  func imported(
    _ value: Value, from path: String, _ evaluator: Evaluator
  ) throws(NixError) -> Value

  /// The entries of a directory in any order, without `.` and `..`.
  func readDirectory(_ path: String) throws(NixError) -> [DirectoryEntry]

  /// What is at a path, nil if nothing is; a link at its end is not followed.
  func kind(of path: String) throws(NixError) -> FileKind?

  /// Where the link at a path points, as written in it.
  func symbolicLinkTarget(of path: String) throws(NixError) -> String

  /// The value of an environment variable, nil if it is not set.
  func environmentVariable(_ name: String) -> [UInt8]?

  /// The hash of bytes, as long as the algorithm says.
  func hash(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(NixError) -> [UInt8]

  /// When the evaluation began, in seconds since 1970; nil if it shall not depend on that.
  var currentTime: Int64? { get }

  /// Shows a message of `builtins.trace`, without a newline.
  func trace(_ message: String)

  /// Shows a message of `builtins.warn`, without a newline; the default shows it as `trace(_:)` does.
  func warn(_ message: String)

  /// What `~` stands for in a path.
  var homeDirectory: String? { get }

  /// What relative paths given to the evaluator start from.
  var currentDirectory: String { get }

  /// Where `<name>` is looked up, in order.
  var searchPath: [SearchPathEntry] { get }
}

extension EvaluationWorld {
  package func readFile(_ path: String) throws(NixError) -> [UInt8] {
    throw NixError(.io, "reading '\(path)': this evaluation may not read files")
  }

  package func imported(
    _ value: Value, from path: String, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    value
  }

  package func readDirectory(_ path: String) throws(NixError) -> [DirectoryEntry] {
    throw NixError(.io, "reading directory '\(path)': this evaluation may not read files")
  }

  package func kind(of path: String) throws(NixError) -> FileKind? {
    throw NixError(.io, "getting status of '\(path)': this evaluation may not read files")
  }

  package func symbolicLinkTarget(of path: String) throws(NixError) -> String {
    throw NixError(.io, "reading link '\(path)': this evaluation may not read files")
  }

  package func environmentVariable(_ name: String) -> [UInt8]? { nil }

  package func hash(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(NixError) -> [UInt8] {
    throw NixError(
      .unavailable("\(algorithm) hashes"), "\(algorithm) hashes: this evaluation may not hash")
  }

  package var currentTime: Int64? { nil }
  package func trace(_ message: String) {}
  package func warn(_ message: String) { trace("evaluation warning: \(message)") }
  package var homeDirectory: String? { nil }
  package var currentDirectory: String { "/" }
  package var searchPath: [SearchPathEntry] { [] }
}

/// The world that denies everything.
package struct ClosedWorld: EvaluationWorld {
  package init() {}
}
