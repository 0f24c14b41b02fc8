/// A configuration with one backup job, for `backup.nix`.
package struct BackupModule: Sendable {
  /// What the job is called.
  package var name: String
  /// Whose documents they are, and who is told of a failure.
  package var user: String
  /// What is backed up: absolute paths. Where there are none, a folder in the user's home.
  package var paths: [String]
  package var defaultFolder: String
  /// The private key that opens the secrets; nil for the host's keys, which are looked for anyway.
  package var identity: Identity?
  /// Whether restic wants an environment to reach the repository.
  package var hasEnvironment: Bool

  /// A private key.
  package enum Identity: Sendable, Equatable {
    /// Below the user's home.
    case inHome(String)
    case at(String)
  }

  package init(
    name: String, user: String, paths: [String] = [], defaultFolder: String = "documents",
    identity: Identity? = nil, hasEnvironment: Bool = true
  ) {
    self.name = name
    self.user = user
    self.paths = paths
    self.defaultFolder = defaultFolder
    self.identity = identity
    self.hasEnvironment = hasEnvironment
  }

  /// Whether units and a command can be called so: `restic-backups-NAME`.
  package static func isName(_ name: String) -> Bool {
    1...128 ~= name.utf8.count && name.utf8.first != UInt8(ascii: "-")
      && name.utf8.first != UInt8(ascii: ".")
      && name.utf8.allSatisfy {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "-_.".utf8.contains($0)
      }
  }

  /// The module.
  package var text: String {
    let files = (hasEnvironment ? ["env"] : []) + ["repo", "password"]
    let secrets = files.map { "  age.secrets.\"restic/\($0)\".file = ./restic/\($0).age;\n" }
    let options = ["env": "environmentFile", "repo": "repositoryFile", "password": "passwordFile"]
    let places = files.map { file in
      "    \(options[file]!) = config.age.secrets.\"restic/\(file)\".path;\n"
    }
    return """
      # The backup of this machine: `sudo adage switch backup.nix` sets it up.
      { config, ... }:
      {
      \(identityPaths)\(secrets.joined())
        services.restic.backups.\(NixText.attribute(name)) = {
          initialize = true; # make the repository if it is not there
      \(places.joined())    paths = [
      \(pathLines)    ];
          pruneOpts = [
            "--keep-daily 7"
            "--keep-weekly 5"
            "--keep-monthly 12"
          ];
          checkOpts = [ "--with-cache" ];
      \(notice)  };
      }

      """
  }

  private var home: String { "${config.users.users.\(NixText.attribute(user)).home}" }

  private var identityPaths: String {
    switch identity {
    case .inHome(let path): "  age.identityPaths = [ \"\(home)/\(NixText.content(path))\" ];\n"
    case .at(let path): "  age.identityPaths = [ \(NixText.string(path)) ];\n"
    case nil: ""
    }
  }

  private var pathLines: String {
    if paths.isEmpty { return "      \"\(home)/\(NixText.content(defaultFolder))\"\n" }
    return paths.map { "      \(NixText.string($0))\n" }.joined()
  }

  /// Root has no desktop.
  private var notice: String {
    if user == "root" { return "" }
    let remark = "shown if it fails; NixOS itself lacks this"
    return "    notify.desktop = [ \(NixText.string(user)) ]; # \(remark)\n"
  }
}
