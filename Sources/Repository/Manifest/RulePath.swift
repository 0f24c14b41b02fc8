import SystemPackage

/// Paths of rules, which are compared by where they lead and not by how they are spelled.
enum RulePath {
  /// Where a rule's file is.
  ///
  /// - Throws: `ManifestError` with the code `.outside` for a name that leads out of `directory`.
  static func file(of name: String, in directory: FilePath) throws(ManifestError) -> FilePath {
    let path = directory.pushing(FilePath(name)).lexicallyNormalized()
    guard !name.isEmpty, !FilePath(name).isAbsolute, path != directory, path.starts(with: directory)
    else {
      throw ManifestError(
        .outside, "rule '\(name)': its path leads out of the manifest's directory \(directory)")
    }
    return path
  }

  /// Whether a rule's file is at `path`.
  static func isFile(_ path: FilePath, of name: String, in directory: FilePath) -> Bool {
    (try? file(of: name, in: directory)) == path
  }

  /// The paths that somebody who types `typed` may mean, the likelier first: relative to the
  /// current directory, then to the manifest's.
  static func meanings(
    of typed: String, currentDirectory: FilePath, manifestDirectory: FilePath
  ) -> [FilePath] {
    let path = FilePath(typed)
    return [currentDirectory, manifestDirectory].map { base in
      base.pushing(path).lexicallyNormalized()
    }
  }
}
