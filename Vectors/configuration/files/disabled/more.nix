{ lib, ... }: {
  imports = [ ./on.nix ];
  options.more = lib.mkOption { default = true; };
}
