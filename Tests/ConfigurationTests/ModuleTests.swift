import Configuration
import Plan
import SystemPackage
import Testing

@Suite struct ModuleTests {
  /// The file of DESIGN.md's story.
  static let story = """
    { config, pkgs, ... }:
    {
      age.identityPaths = [ "${config.users.users.arthur.home}/.ssh/id_ed25519" ];
      age.secrets."restic/env".file = ./restic/env.age;
      age.secrets."restic/repo".file = ./restic/repo.age;
      age.secrets."restic/password".file = ./restic/password.age;
      services.restic.backups.daily = {
        initialize = true;
        repositoryFile = config.age.secrets."restic/repo".path;
        passwordFile = config.age.secrets."restic/password".path;
        paths = [ "${config.users.users.arthur.home}/documents" ];
      };
      systemd.services.restic-backups-daily.onFailure = [ "notify-backup-failed.service" ];
      systemd.services."notify-backup-failed" = {
        enable = true;
        environment.DBUS_SESSION_BUS_ADDRESS =
          "unix:path=/run/user/${toString config.users.users.arthur.uid}/bus";
        script = ''
          ${pkgs.libnotify}/bin/notify-send "Backup failed"
        '';
      };
    }
    """

  @Test func theStoryIsAPlan() throws {
    let repository = try Repository()
    let configuration = try repository.evaluate(Self.story, .asRoot)
    let names = ["restic/env", "restic/password", "restic/repo"]
    let plan = configuration.plan
    #expect(plan.identityPaths == ["/home/arthur/.ssh/id_ed25519"])
    #expect(plan.secretsDirectory == "/run/agenix")
    #expect(plan.secretsMountPoint == "/run/agenix.d")
    #expect(
      plan.secrets
        == names.map {
          PlannedSecret(
            name: $0, file: "\(repository.path)/\($0).age", path: "/run/agenix/\($0)")
        })
    #expect(configuration.plan.problems() == [])
    #expect(configuration.notApplied == [])
  }

  @Test func everyOptionIsTakenAndHasItsDefault() throws {
    let repository = try Repository()
    let configuration = try repository.evaluate(
      """
      { lib, config, ... }: {
        age = {
          identityPaths = [ "/etc/key" ./key ];
          secretsDir = "/run/secrets";
          secretsMountPoint = "/run/secrets.d";
          secrets = {
            plain.file = ./plain.age;
            renamed = { file = ./x.age; name = "other/name"; };
            owned = { file = ./x.age; owner = "postgres"; };
            grouped = { file = ./x.age; owner = "arthur"; group = "postgres"; mode = "0440"; };
            unknown = { file = ./x.age; owner = "nobody-here"; };
            numeric = { file = "/etc/x.age"; owner = "1000"; };
            placed = { file = ./x.age; path = "/etc/conf"; symlink = false; };
            "with space".file = ./. + "/with space.age";
            echo.file = config.age.secrets.plain.file;
          } // lib.genAttrs [ "one" ] (n: { file = ./. + "/${n}.age"; });
        };
      }
      """, .asRoot)
    let plan = configuration.plan
    #expect(plan.identityPaths == ["/etc/key", "\(repository.path)/key"])
    #expect(plan.secretsDirectory == "/run/secrets")
    #expect(plan.secretsMountPoint == "/run/secrets.d")
    let lines = plan.secrets.map { secret in
      [
        secret.name, secret.file.replacing(repository.path.string, with: "."), secret.path,
        secret.mode, secret.owner, secret.group, "\(secret.symlink)",
      ].joined(separator: " | ")
    }
    #expect(
      lines == [
        "echo | ./plain.age | /run/secrets/echo | 0400 | 0 | 0 | true",
        "grouped | ./x.age | /run/secrets/grouped | 0440 | arthur | postgres | true",
        "numeric | /etc/x.age | /run/secrets/numeric | 0400 | 1000 | 0 | true",
        "one | ./one.age | /run/secrets/one | 0400 | 0 | 0 | true",
        "owned | ./x.age | /run/secrets/owned | 0400 | postgres | postgres | true",
        "placed | ./x.age | /etc/conf | 0400 | 0 | 0 | false",
        "plain | ./plain.age | /run/secrets/plain | 0400 | 0 | 0 | true",
        "other/name | ./x.age | /run/secrets/other/name | 0400 | 0 | 0 | true",
        "unknown | ./x.age | /run/secrets/unknown | 0400 | nobody-here | 0 | true",
        "with space | ./with space.age | /run/secrets/with space | 0400 | 0 | 0 | true",
      ])
  }

  @Test func aUsersDefaultsAreTheirOwn() throws {
    let repository = try Repository()
    var machine = FakeMachine()
    machine.files = ["/home/arthur/.ssh/id_rsa", "/etc/ssh/ssh_host_ed25519_key"]
    let plan = try repository.evaluate("{ age.secrets.a.file = ./a.age; }", machine).plan
    #expect(plan.identityPaths == ["/home/arthur/.ssh/id_rsa"])
    #expect(plan.secretsDirectory == "/run/user/1000/agenix")
    #expect(plan.secretsMountPoint == "/run/user/1000/agenix.d")
    #expect([plan.secrets[0].owner, plan.secrets[0].group] == ["1000", "100"])
    machine.runtimeDirectory = nil
    let error = try repository.failure("{ age.secrets.a.file = ./a.age; }", machine)
    #expect(
      error.description == "age.secretsDir has no default, because $XDG_RUNTIME_DIR is not set")
  }

  @Test func theMachinesKeysAreTheDefaultIfTheyAreThere() throws {
    let repository = try Repository()
    var machine = FakeMachine.asRoot
    #expect(
      try repository.evaluate("{ }", machine).plan.identityPaths
        == ["/etc/ssh/ssh_host_ed25519_key"])
    machine.files = []
    #expect(try repository.evaluate("{ }", machine).plan.problems() == [])
    let error = try repository.failure("{ age.secrets.a.file = ./a.age; }", machine)
    #expect(error.reason == "the configuration contradicts itself")
    #expect(
      error.details == [
        "age.identityPaths must be set: there is no host key to open a secret with."
      ])
  }

  @Test func configRefersToItsOwnResult() throws {
    let repository = try Repository()
    let plan = try repository.evaluate(
      """
      { config, ... }: {
        networking.hostName = "atlas";
        age.secretsDir = "/run/${config.networking.hostName}";
        age.secrets.a = { file = ./a.age; owner = "postgres"; mode = "0440"; };
        age.secrets.b = {
          file = config.age.secrets.a.file; mode = config.age.secrets.a.mode;
          path = "/etc/${config.age.secrets.a.group}/${config.age.secrets.a.name}";
        };
        age.secrets.${baseNameOf config.age.secretsMountPoint}.file = ./c.age;
      }
      """, .asRoot
    ).plan
    #expect(plan.secretsDirectory == "/run/atlas")
    #expect(plan.secrets.map(\.name) == ["a", "agenix.d", "b"])
    #expect(plan.secrets[2].path == "/etc/postgres/a")
    #expect(plan.secrets[2].mode == "0440")
  }

  @Test func usersAreTheMachines() throws {
    let repository = try Repository()
    let plan = try repository.evaluate(
      """
      { config, ... }: let
        user = name: with config.users.users.${name}; "/${name}/${toString uid}/${group}${home}";
      in {
        users.users.backup.home = "/var/backup";
        users.users.arthur.shell = "/bin/zsh";
        users.users.arthur.home = "/not/here";
        age.identityPaths = [
          (user "postgres") (user "arthur") config.users.users.arthur.shell
          config.users.users.hidden-user.home config.users.users.backup.home
          "/${config.users.users.backup.name}"
        ];
      }
      """, .asRoot
    ).plan
    #expect(
      plan.identityPaths == [
        "/postgres/71/postgres/var/lib/postgresql", "/arthur/1000/users/home/arthur", "/bin/sh",
        "/home/hidden", "/var/backup", "/backup",
      ])
  }

  @Test func importsAreReadOnceAndPutTogether() throws {
    let repository = try Repository()
    try repository.write(
      """
      { config, ... }: {
        imports = [ ./two.nix ];
        age.secrets.one.file = ./one.age;
        age.identityPaths = [ "/one" ];
        services.a.enable = true;
      }
      """, to: "parts/one.nix")
    try repository.write(
      """
      {
        imports = [ ./one.nix ];
        config = {
          age.secrets.shared.mode = "0440";
          age.identityPaths = [ "/two" ];
          local.list = [ 2 ];
        };
      }
      """, to: "parts/two.nix")
    try repository.write("{ ... }: { age.secretsDir = \"/run/three\"; }", to: "three/default.nix")
    let configuration = try repository.evaluate(
      """
      { config, ... }: {
        imports = [ ./parts/one.nix ./three { age.secretsMountPoint = "/run/inline"; } ];
        age.secrets.shared.file = ./shared.age;
        age.secrets.count.file = ./. + "/${toString (builtins.length config.local.list)}.age";
        local.list = [ 1 ];
      }
      """, .asRoot)
    let plan = configuration.plan
    #expect(plan.secrets.map(\.name) == ["count", "one", "shared"])
    #expect(plan.secrets[0].file == "\(repository.path)/2.age")
    #expect(plan.secrets[1].file == "\(repository.path)/parts/one.age")
    #expect(plan.secrets[2].mode == "0440")
    #expect(plan.identityPaths == ["/two", "/one"])
    #expect([plan.secretsDirectory, plan.secretsMountPoint] == ["/run/three", "/run/inline"])
    #expect(configuration.notApplied == ["local.list", "services.a.enable"])
  }

  @Test func whatIsNotAppliedIsToldAndNotForced() throws {
    let repository = try Repository()
    let configuration = try repository.evaluate(
      """
      { config, pkgs, lib, ... }: {
        age.ageBin = "/bin/age";
        environment.systemPackages = with pkgs; [ git ];
        environment.etc."my file".text = throw "not needed";
        services.openssh = { enable = true; settings.PermitRootLogin = throw "not needed"; };
        services.thing = lib.mkIf true { };
        boot = throw "not needed";
        networking.firewall.allowedTCPPorts = [ 22 ];
        users.users.arthur.extraGroups = [ "wheel" ];
        systemd.timers.t.timerConfig.OnCalendar = "daily";
        empty = { };
      }
      """, .asRoot)
    #expect(
      configuration.notApplied == [
        "age.ageBin", "boot", "empty", "environment.etc.\"my file\".text",
        "networking.firewall.allowedTCPPorts", "services.openssh.enable",
        "services.openssh.settings", "services.thing", "users.users.arthur.extraGroups",
      ])
  }

  @Test func whatIsNotAppliedCanBeReadAllTheSame() throws {
    let repository = try Repository()
    let plan = try repository.evaluate(
      """
      { config, lib, ... }: {
        imports = [ { services.web.port = 80; services.web.root = "/srv"; } ];
        services.web.root = lib.mkForce "/web";
        age.identityPaths = [ "${config.services.web.root}/${toString config.services.web.port}" ]
          ++ lib.optional (config.services.web.tls or false) "/tls"
          ++ lib.optional (config ? services.other) "/other";
      }
      """, .asRoot
    ).plan
    #expect(plan.identityPaths == ["/web/80"])
  }

  @Test(arguments: [
    ("lib.optionals true [ \"/a\" ] ++ lib.optional false \"/b\"", ["/a"]),
    ("lib.attrValues (lib.mapAttrs (n: v: \"/${n}${v}\") { a = \"b\"; })", ["/ab"]),
    (
      "lib.mapAttrsToList (n: v: \"/${n}\") (lib.filterAttrs (n: v: v) { a = true; b = false; })",
      ["/a"]
    ),
    ("[ (lib.removeSuffix \".x\" (lib.removePrefix \"y\" \"y/a.x\")) ]", ["/a"]),
    ("lib.flatten [ \"/a\" [ [ \"/b\" ] ] ]", ["/a", "/b"]),
    ("lib.unique [ \"/a\" \"/b\" \"/a\" ]", ["/a", "/b"]),
    ("lib.attrNames (lib.mapAttrs' (n: v: lib.nameValuePair \"/${n}\" v) { a = 1; })", ["/a"]),
    ("map (i: \"/${toString i}\") (lib.range 1 3)", ["/1", "/2", "/3"]),
    ("[ (lib.recursiveUpdate { a.b = 1; a.c = \"/c\"; } { a.b = 2; }).a.c ]", ["/c"]),
    (
      "if lib.hasPrefix \"a\" \"abc\" && lib.hasSuffix \"bc\" \"abc\" then [ \"/y\" ] else [ ]",
      ["/y"]
    ),
    ("[ (lib.concatMapStringsSep \"\" (x: \"/${x}\") [ \"a\" \"b\" ]) ]", ["/a/b"]),
    ("[ (lib.pipe \"a\" [ (x: \"/${x}\") (x: \"${x}!\") ]) ]", ["/a!"]),
  ])
  func theLibraryPutsValuesTogether(expression: String, paths: [String]) throws {
    let plan = try Repository().evaluate(
      "{ lib, ... }: { age.identityPaths = \(expression); }"
    ).plan
    #expect(plan.identityPaths == paths)
  }
}

@Suite struct OptionErrorTests {
  static let cases: [(String, String)] = [
    (
      "{ age.secrets.a.flie = ./a.age; }",
      "The option `age.secrets.a.flie' does not exist. Definition values:|- In `FILE:1:3': DIR/a.age|Did you mean `age.secrets.a.file'?"
    ),
    (
      "{ age.secret.a.file = ./a.age; }",
      "The option `age.secret' does not exist. Definition values:|- In `FILE:1:3':|    {|      a = {|        file = DIR/a.age;|      };|    }|Did you mean `age.secrets'?"
    ),
    (
      "{ age.secrets.a = { file = ./a; zzzzzz = 1; }; }",
      "The option `age.secrets.a.zzzzzz' does not exist. Definition values:|- In `FILE:1:33': 1"
    ),
    (
      "{ age.secrets.a = { }; }",
      "The option `age.secrets.a.file' was accessed but has no value defined. Try setting the option."
    ),
    (
      "{ age.secrets.a.file = 1; }",
      "A definition for option `age.secrets.a.file' is not of type `absolute path'. Definition values:|- In `FILE:1:3': 1"
    ),
    (
      "{ age.secrets.a.file = \"a.age\"; }",
      "A definition for option `age.secrets.a.file' is not of type `absolute path'. Definition values:|- In `FILE:1:3': \"a.age\""
    ),
    (
      "{ age.secrets.a = { file = ./a; mode = 0400; }; }",
      "A definition for option `age.secrets.a.mode' is not of type `string'. Definition values:|- In `FILE:1:33': 400"
    ),
    (
      "{ age.secrets.\"a b\" = { file = ./a; owner = null; }; }",
      "A definition for option `age.secrets.\"a b\".owner' is not of type `string'. Definition values:|- In `FILE:1:37': null"
    ),
    (
      "{ age.secrets.a = { file = ./a; symlink = \"no\"; }; }",
      "A definition for option `age.secrets.a.symlink' is not of type `boolean'. Definition values:|- In `FILE:1:33': \"no\""
    ),
    (
      "{ age.secrets = [ ]; }",
      "A definition for option `age.secrets' is not of type `attribute set of (submodule)'. Definition values:|- In `FILE:1:3': [ ]"
    ),
    (
      "{ age.identityPaths = \"/key\"; }",
      "A definition for option `age.identityPaths' is not of type `list of absolute path'. Definition values:|- In `FILE:1:3': \"/key\""
    ),
    (
      "{ age.secretsDir = \"run\"; }",
      "A definition for option `age.secretsDir' is not of type `absolute path'. Definition values:|- In `FILE:1:3': \"run\""
    ),
    (
      "{ imports = [ { age.secretsDir = \"/a\"; } { age.secretsDir = \"/b\"; } ]; }",
      "The option `age.secretsDir' has conflicting definition values:|- In `FILE:1:44': \"/b\"|- In `FILE:1:17': \"/a\"|Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions."
    ),
    (
      "{ config = { }; age = { }; }",
      "Module `FILE' has an unsupported attribute `age'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: age) into the explicit `config' attribute."
    ),
    ("[ ]", "module FILE (FILE) does not look like a module."),
  ]

  @Test(arguments: cases) func aBadOptionIsNamedWithItsPlace(text: String, message: String) throws {
    let repository = try Repository()
    let error = try repository.failure(text)
    #expect(error.code == .evaluation)
    let file = repository.path.appending("machine.nix").string
    let text = error.description.replacing(file, with: "FILE")
      .replacing(repository.path.string, with: "DIR").replacing("\n", with: "|")
    #expect(text.hasPrefix(message), "\(text)")
  }

  @Test(arguments: [
    ("config.users.users.nobody-here.home", "there is no user 'nobody-here' on this machine"),
    ("\"${pkgs.hello}/bin/hello\"", "there is no program hello, of pkgs.hello, on this machine"),
    ("(pkgs.runCommand \"x\" { } \"y\")", "pkgs.runCommand needs Nix itself"),
    ("inputs.x", "attribute 'inputs' missing"),
    ("config.nothing.here", "attribute 'nothing' missing"),
    ("(builtins.elemAt config.age.identityPaths 0)", "infinite recursion encountered, at "),
    ("<nothing>", "file 'nothing' was not found"),
    ("(import ./missing.nix)", "missing.nix"),
    ("(throw \"my words\")", "my words"),
  ])
  func whatHasNoValueSaysWhy(expression: String, message: String) throws {
    let error = try Repository().failure(
      "{ config, lib, pkgs, inputs, ... }: { age.identityPaths = [ \(expression) ]; }", .asRoot)
    #expect(error.code == .evaluation)
    #expect(error.reason.contains(message), "\(error)")
    #expect(!error.reason.contains("\n"))
  }

  @Test func theTraceIsTheUsers() throws {
    let error = try Repository().failure(
      "{ config, ... }: { age.secretsDir = config.age.secretsDir; }", .asRoot)
    #expect(error.trace.contains("while evaluating the option `age.secretsDir'"))
    #expect(error.trace.allSatisfy { !$0.contains("/__") })
  }

  @Test func aSyntaxErrorHasItsPlace() throws {
    let error = try Repository().failure("{\n  age = ;\n}")
    #expect(error.code == .evaluation)
    #expect(error.description.contains("machine.nix:2:9"))
  }

  @Test func aMissingFileIsNamed() throws {
    let error = try #require(throws: ConfigurationError.self) {
      _ = try Configuration.read("/nowhere/machine.nix", machine: FakeMachine())
    }
    #expect(error.code == .file)
    #expect(error.description == "read /nowhere/machine.nix: no such file or directory")
  }
}

@Suite struct PlanFileTests {
  @Test(arguments: ["plan.json", "plan", "plan.nix"])
  func aPlanIsKnownByItsNameOrItsContent(name: String) throws {
    let repository = try Repository()
    let plan = try repository.evaluate(ModuleTests.story).plan
    try repository.write("\n " + plan.json(), to: name)
    let configuration = try repository.read(name)
    #expect(configuration.plan.json() == plan.json())
    #expect(configuration.notApplied == [])
  }

  @Test func aBadPlanIsNoExpressionEither() throws {
    let repository = try Repository()
    try repository.write("{ \"version\": 7 }", to: "plan")
    try repository.write("[ ]", to: "plan.json")
    for name in ["plan", "plan.json"] {
      let error = try #require(throws: ConfigurationError.self) { _ = try repository.read(name) }
      #expect(error.code == .plan)
      #expect(error.description.contains(name))
    }
  }

  @Test func aQuotedAttributeIsAnExpression() throws {
    let plan = try Repository().evaluate("{ \"age\".identityPaths = [ \"/a\" ]; }").plan
    #expect(plan.identityPaths == ["/a"])
  }
}
