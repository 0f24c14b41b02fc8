# What a configuration asks the machine, and what it says to its user.
{ config, lib, machine, ... }:
let
  inherit (lib) mkOption types;

  # What exists on the machine. A configuration for NixOS may make accounts, too: they add to what is known.
  answered = { what, names, lookup }: mkOption {
    type = types.lazyAttrsOf types.anything;
    default = { };
    description = "The machine's ${what}s. None is made here.";
    apply = defined:
      let
        known = name: let found = lookup name; in if found == null then { } else found;
      in
      machine.open {
        listed = lib.genAttrs (names ++ lib.attrNames defined) (name: { inherit name; } // defined.${name} or { } // known name);
        missing = name: "there is no ${what} '${name}' on this machine";
        lookup = name: let found = lookup name; in lib.optional (found != null) found;
      };
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
    users.users = answered { what = "user"; names = machine.userNames; lookup = machine.user; };
    users.groups = answered { what = "group"; names = machine.groupNames; lookup = machine.group; };
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
