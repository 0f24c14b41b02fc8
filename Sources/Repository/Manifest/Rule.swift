package import SystemPackage

/// Which keys may read one file of the repository.
package struct Rule: Equatable, Sendable {
  /// The name as the manifest has it, such as `restic/password.age`.
  package let name: String
  /// Where the file is: an absolute path below the manifest's directory.
  package let file: FilePath
  /// The public keys, a line each; lines that list a key again or are empty are left out.
  package let publicKeys: [String]
  /// Whether the file is to be written as text (`armor = true`).
  package let isArmored: Bool

  /// - Parameter publicKeys: the entries of the rule, which may hold several lines each, as what
  ///   `builtins.readFile` gave.
  init(name: String, file: FilePath, publicKeys: [String], isArmored: Bool) {
    self.name = name
    self.file = file
    self.isArmored = isArmored
    var seen: Set<String> = []
    self.publicKeys = publicKeys.flatMap { $0.split(whereSeparator: \.isNewline) }.map(String.init)
      .filter { line in !line.allSatisfy(\.isWhitespace) && seen.insert(line).inserted }
  }
}
