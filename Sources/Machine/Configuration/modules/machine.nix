# What a configuration asks the machine, and what it says to its user.
{ config, lib, machine, ... }:
let
  inherit (lib) mkOption types;

  # What exists on the machine, whatever a configuration says of it.
  answered = description: value: mkOption {
    type = types.lazyAttrsOf types.anything;
    default = { };
    apply = _: value;
    readOnly = false;
    inherit description;
  };
in
{
  options = {
    assertions = mkOption {
      type = types.listOf (types.submodule {
        options.assertion = mkOption { type = types.bool; description = "What must hold."; };
        options.message = mkOption { type = types.str; description = "What is said if it does not."; };
      });
      default = [ ];
      internal = true;
      description = "Conditions without which the configuration is refused.";
    };
    warnings = mkOption {
      type = types.listOf types.str;
      default = [ ];
      internal = true;
      description = "What the user is told each time the configuration is used.";
    };
    networking.hostName = mkOption {
      type = types.str;
      default = machine.hostName;
      defaultText = lib.literalExpression "the machine's own";
      description = "The machine's name, for other options to refer to. Setting it does not rename the machine.";
    };
    users.users = answered
      "The machine's accounts, each with `name`, `uid`, `gid`, `group`, `home` and `shell`. Accounts are not made here."
      machine.users;
    users.groups = answered
      "The machine's groups, each with `name` and `gid`. Groups are not made here."
      machine.groups;
    services.openssh.hostKeys = mkOption {
      type = types.listOf types.attrs;
      default = machine.hostKeys;
      defaultText = lib.literalExpression "the host keys below /etc/ssh";
      description = "The machine's SSH host keys, each with `type` and `path`.";
    };
    environment.systemPackages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      description = "Programs that must be there; they are looked up and not installed.";
    };
    systemd.tmpfiles.rules = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "d /var/backup 0700 root root -" ];
      description = "Lines for `systemd-tmpfiles` (`tmpfiles.d(5)`).";
    };
  };
}
