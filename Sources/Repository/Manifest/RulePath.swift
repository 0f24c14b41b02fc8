import SystemPackage

/// Paths of rules, which are compared by where they lead and not by how they are spelled.
enum RulePath {
  /// Where a rule's file is.
  ///
  /// - Throws: `ManifestError` with the code `.outside` for a name that leads out of `directory`.
  static func file(of name: String, in directory: FilePath) throws(ManifestError) -> FilePath {
    let path = directory.appending(FilePath(name).components).lexicallyNormalized()
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

  /// The name that looks most like `typed`, for a hint; nil if none does.
  static func nearest(to typed: String, among names: [String]) -> String? {
    let wanted = FilePath(typed).lexicallyNormalized().string
    let limit = max(2, wanted.count / 3)
    return names.map { (name: $0, distance: editDistance(wanted, $0, limit: limit)) }
      .filter { $0.distance <= limit }
      .min { $0.distance < $1.distance }?.name
  }

  /// How many characters must be put in, taken out or exchanged (Levenshtein); `limit + 1` if more.
  private static func editDistance(_ one: String, _ other: String, limit: Int) -> Int {
    let (first, second) = (Array(one), Array(other))
    if abs(first.count - second.count) > limit { return limit + 1 }
    var previous = Array(0...second.count)
    for (row, character) in first.enumerated() {
      var current = [row + 1]
      for (column, candidate) in second.enumerated() {
        let change = previous[column] + (character == candidate ? 0 : 1)
        current.append(min(change, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[second.count]
  }
}
