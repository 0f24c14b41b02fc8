import NixExpression
import Testing

@testable import NewRepository

@Suite struct NewRepositoryTests {
  private func key(_ owner: String, _ line: String = "ssh-ed25519 AAAA") -> NewRepository.Key {
    NewRepository.Key(owner: owner, line: line, remark: "a remark")
  }

  /// The public keys of the rule for the password, as Nix reads the manifest.
  private func publicKeys(_ keys: [NewRepository.Key]) throws -> [String] {
    let evaluator = Evaluator()
    let value = try evaluator.evaluate(
      source: NewRepository(keys: keys).manifest, name: "secrets.nix", directory: "/")
    return try evaluator.run { () throws(NixError) in
      let rule = try evaluator.select(value, [NewRepository.password])
      let list = try evaluator.list(try evaluator.select(rule, ["publicKeys"]))
      return try list.map { value throws(NixError) in try evaluator.string(value) }
    }
  }

  @Test func theManifestIsReadable() {
    let repository = NewRepository(keys: [
      .init(owner: "arthur", line: "ssh-ed25519 AAAA arthur@laptop", remark: "who edits"),
      .init(owner: "recovery", line: "age1xyz", remark: "kept offline"),
    ])
    #expect(
      repository.manifest == """
        # Which keys can read which file. `adage -e FILE` makes or edits one; `adage -r` encrypts all of them
        # anew after a change of keys.
        let
          arthur = "ssh-ed25519 AAAA arthur@laptop"; # who edits
          recovery = "age1xyz"; # kept offline
          everyone = [
            arthur
            recovery
          ];
        in
        {
          "restic/password.age".publicKeys = everyone;
          "restic/env.age".publicKeys = everyone;
          "restic/repo.age".publicKeys = everyone;
        }

        """)
  }

  @Test(arguments: [
    ["arthur", "arthur", "arthur-2"], ["everyone", "in", "let"], ["1a", "é", "", "x'y"],
    ["or", "builtins", "true", "null"], ["domain\\user", "a.b", "a b"],
  ])
  func everyOwnerHasAName(_ owners: [String]) throws {
    let keys = owners.enumerated().map { key($1, "key \($0)") }
    #expect(try publicKeys(keys) == keys.map(\.line))
  }

  @Test(arguments: ["say \"x\"", "a\\b", "${x}", "$${x}", "''", "$"])
  func aCommentMayHaveAnything(_ comment: String) throws {
    #expect(try publicKeys([key("a", comment)]) == [comment])
  }

  @Test func linesAreAddedToWhatIsThere() {
    #expect(NewRepository.attributes(in: nil) == "*.age diff=adage\n")
    #expect(NewRepository.attributes(in: "* text") == "* text\n*.age diff=adage\n")
    #expect(NewRepository.attributes(in: "*.age diff=adage\nx\n") == "*.age diff=adage\nx\n")
    #expect(NewRepository.ignoring("x", in: "x\n") == "x\n/x\n")
  }
}

@Suite struct BackupModuleTests {
  @Test func itIsTheStorys() {
    #expect(
      BackupModule(name: "daily", user: "arthur", identity: .inHome(".ssh/id_ed25519")).text == """
        # The backup of this machine: `sudo adage switch backup.nix` sets it up.
        { config, ... }:
        {
          age.identityPaths = [ "${config.users.users.arthur.home}/.ssh/id_ed25519" ];
          age.secrets."restic/env".file = ./restic/env.age;
          age.secrets."restic/repo".file = ./restic/repo.age;
          age.secrets."restic/password".file = ./restic/password.age;

          services.restic.backups.daily = {
            initialize = true; # make the repository if it is not there
            environmentFile = config.age.secrets."restic/env".path;
            repositoryFile = config.age.secrets."restic/repo".path;
            passwordFile = config.age.secrets."restic/password".path;
            paths = [
              "${config.users.users.arthur.home}/documents"
            ];
            pruneOpts = [
              "--keep-daily 7"
              "--keep-weekly 5"
              "--keep-monthly 12"
            ];
            checkOpts = [ "--with-cache" ];
            notify.desktop = [ "arthur" ]; # shown if it fails; NixOS itself lacks this
          };
        }

        """)
  }

  @Test func namesArePutInQuotes() {
    let text = BackupModule(name: "1st", user: "a.b", paths: ["/a \"${b}\""]).text
    #expect(text.contains("services.restic.backups.\"1st\" = {"))
    #expect(text.contains("\"/a \\\"\\${b}\\\"\"\n"))
    let home = BackupModule(name: "x", user: "a.b").text
    #expect(home.contains("\"${config.users.users.\"a.b\".home}/documents\"\n"))
  }

  @Test(arguments: [
    ("daily", true), ("my_job-2.0", true), ("", false), ("-x", false), ("a b", false),
    ("a/b", false),
    (".x", false), ("x@y", false), ("é", false),
  ])
  func jobsHaveNames(_ name: String, _ isName: Bool) {
    #expect(BackupModule.isName(name) == isName)
  }
}
