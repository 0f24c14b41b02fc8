# The options of agenix: secrets, and the keys that open them.
{ config, lib, machine, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.age;
  running = machine.running;

  # Root's secrets are under /run; a user's under their own runtime directory.
  runtime = option: name:
    if running.isRoot then "/run/${name}"
    else if machine.runtimeDirectory != null then "${machine.runtimeDirectory}/${name}"
    else throw "age.${option} has no default, because $XDG_RUNTIME_DIR is not set";

  # What is the same in every secret; then what depends on its own options.
  sameInAll.options = {
    file = mkOption {
      type = types.path;
      example = lib.literalExpression "./restic/password.age";
      description = "The encrypted file.";
    };
    mode = mkOption {
      type = types.str;
      default = "0400";
      description = "The permissions of the decrypted file, as `chmod` takes them.";
    };
    owner = mkOption {
      type = types.str;
      default = toString running.uid;
      defaultText = "0";
      description = "The user who owns the decrypted file, by name or number.";
    };
    symlink = mkOption {
      type = types.bool;
      default = true;
      description = "Whether a `path` elsewhere is made a link to the secret; if not, the secret itself is written there.";
    };
  };
  secret = { name, config, ... }: {
    options = {
      name = mkOption {
        type = types.str;
        default = name;
        defaultText = lib.literalExpression "the attribute's name";
        description = "The name of the file below `age.secretsDir`; it may contain slashes.";
      };
      path = mkOption {
        type = types.str;
        default = "${cfg.secretsDir}/${config.name}";
        defaultText = lib.literalExpression ''"''${config.age.secretsDir}/''${name}"'';
        description = "Where the decrypted secret is.";
      };
      group = mkOption {
        type = types.str;
        default =
          let owner = machine.user config.owner; in
          if owner == null then toString running.gid else owner.group;
        defaultText = lib.literalExpression ''users.''${config.owner}.group or "0"'';
        description = "The group of the decrypted file, by name or number.";
      };
    };
  };
in
{
  options.age = {
    ageBin = mkOption {
      type = types.str;
      default = "age";
      description = "Has no effect: adage decrypts without another program.";
    };
    identityPaths = mkOption {
      type = types.listOf types.path;
      default = machine.identityPaths;
      defaultText = lib.literalExpression "the existing ones of /etc/ssh/ssh_host_{ed25519,rsa}_key";
      description = "The private keys that open the secrets, tried in order.";
    };
    secrets = mkOption {
      type = types.attrsOf (types.submodule [ sameInAll secret ]);
      default = { };
      description = "The secrets of this machine, by name.";
    };
    secretsDir = mkOption {
      type = types.path;
      default = runtime "secretsDir" "agenix";
      defaultText = "/run/agenix";
      description = "The link to the live generation of secrets.";
    };
    secretsMountPoint = mkOption {
      type = types.str;
      default = runtime "secretsMountPoint" "agenix.d";
      defaultText = "/run/agenix.d";
      description = "Where generations of secrets are kept, in memory.";
    };
  };

  config.assertions = [
    {
      assertion = cfg.secrets == { } || cfg.identityPaths != [ ];
      message = "age.identityPaths must be set: there is no host key to open a secret with.";
    }
  ];
}
