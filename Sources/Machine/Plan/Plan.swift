/// What a machine should have: which secrets, where, and who may read them; units, their files, and backup jobs.
///
/// A plain value. Nothing in it depends on the machine it was made on, except that owners and
/// groups are names or numbers which the machine that activates it must know.
package struct Plan: Sendable, Equatable {
  /// Files with the keys that open the secrets; absolute paths.
  package var identityPaths: [String]
  /// The link that leads to the live generation, `age.secretsDir`.
  package var secretsDirectory: String
  /// Where generations are kept, `age.secretsMountPoint`.
  package var secretsMountPoint: String
  package var secrets: [PlannedSecret]
  package var units: [PlannedUnit] = []
  package var jobs: [PlannedJob] = []
  /// Scripts and texts that the units name.
  package var files: [PlannedFile] = []
  /// Lines of tmpfiles.d(5).
  package var temporaryFiles: [String] = []

  package init(
    identityPaths: [String], secretsDirectory: String = "/run/agenix",
    secretsMountPoint: String = "/run/agenix.d", secrets: [PlannedSecret]
  ) {
    self.identityPaths = identityPaths
    self.secretsDirectory = secretsDirectory
    self.secretsMountPoint = secretsMountPoint
    self.secrets = secrets
  }

  /// Below which the files are that a configuration makes (`pkgs.writeText`).
  package static let filesDirectory = "/etc/adage/files"

  /// Where a secret of this name is unless its `path` says otherwise.
  package func defaultPath(ofName name: String) -> String { "\(secretsDirectory)/\(name)" }

  /// Whether the secret is to be found in the link's directory and nowhere else.
  package func isAtDefaultPath(_ secret: PlannedSecret) -> Bool {
    secret.path == defaultPath(ofName: secret.name)
  }
}

/// One of `age.secrets`, with every default filled in.
package struct PlannedSecret: Sendable, Equatable {
  /// Its place in a generation; may contain slashes.
  package var name: String
  /// The file with the cipher text; an absolute path.
  package var file: String
  /// Where programs look for it.
  package var path: String
  /// As chmod takes it: octal, or symbolic and applied to `FileMode.base`.
  package var mode: String
  /// A name or a number.
  package var owner: String
  /// A name or a number.
  package var group: String
  /// Whether a `path` elsewhere becomes a link into the generation, or the secret itself.
  package var symlink: Bool

  package init(
    name: String, file: String, path: String, mode: String = "0400", owner: String = "0",
    group: String = "0", symlink: Bool = true
  ) {
    self.name = name
    self.file = file
    self.path = path
    self.mode = mode
    self.owner = owner
    self.group = group
    self.symlink = symlink
  }
}

/// A file that units name, below `Plan.filesDirectory`; its path changes with its content.
package struct PlannedFile: Sendable, Equatable {
  package var path: String
  package var text: String
  package var isExecutable: Bool

  package init(path: String, text: String, isExecutable: Bool = false) {
    self.path = path
    self.text = text
    self.isExecutable = isExecutable
  }
}
