{ lib, ... }: {
  imports = [ ./on.nix ./more.nix ];
  options.enable = lib.mkOption { type = lib.types.bool; default = false; };
}
