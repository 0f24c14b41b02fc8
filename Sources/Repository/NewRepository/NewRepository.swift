/// The files of a new repository of secrets, as text.
package struct NewRepository: Sendable {
  /// A key that reads every secret.
  package struct Key: Sendable, Equatable {
    /// Whose it is; the variable of the manifest is called so, as far as it can be.
    package var owner: String
    /// The public key, on one line.
    package var line: String
    /// What it is for, in a few words.
    package var remark: String

    package init(owner: String, line: String, remark: String) {
      self.owner = owner
      self.line = line
      self.remark = remark
    }
  }

  package var keys: [Key]

  package init(keys: [Key]) { self.keys = keys }

  /// The secrets of a backup job, which have rules from the beginning.
  package static let password = "restic/password.age"
  package static let environment = "restic/env.age"
  package static let repository = "restic/repo.age"

  private static let everyone = "everyone"

  /// `secrets.nix`.
  package var manifest: String {
    let names = variables
    let bindings = zip(names, keys).map { name, key in
      "  \(name) = \(NixText.string(key.line)); # \(key.remark)\n"
    }
    let list = names.map { "    \($0)\n" }.joined()
    let rules = [Self.password, Self.environment, Self.repository].map {
      "  \(NixText.string($0)).publicKeys = \(Self.everyone);\n"
    }
    return """
      # Which keys can read which file. `adage -e FILE` makes or edits one; `adage -r` encrypts all of them
      # anew after a change of keys.
      let
      \(bindings.joined())  \(Self.everyone) = [
      \(list)  ];
      in
      {
      \(rules.joined())}

      """
  }

  /// What the manifest calls each key.
  private var variables: [String] {
    var taken: Set<String> = [Self.everyone]
    return keys.map { key in
      let wanted = NixText.identifier(key.owner, fallback: "key")
      var name = wanted
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(wanted)-\(number)"
        number += 1
      }
      return name
    }
  }

  /// `.gitignore`, or what is there with what it lacks.
  package static func ignoring(_ name: String, in existing: String?) -> String {
    adding("/\(name)", to: existing)
  }

  /// `.gitattributes`, or what is there with what it lacks.
  package static func attributes(in existing: String?) -> String {
    adding("*.age diff=adage", to: existing)
  }

  private static func adding(_ line: String, to existing: String?) -> String {
    let text = existing ?? ""
    if text.split(whereSeparator: \.isNewline).contains(Substring(line)) { return text }
    return text + (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + line + "\n"
  }
}
