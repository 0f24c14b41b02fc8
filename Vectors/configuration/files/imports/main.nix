{ lib, ... }: {
  imports = [ ./one.nix ./two.nix ../directory { options.inline = lib.mkOption { default = "inline"; }; } ];
  options.list = lib.mkOption { type = lib.types.listOf lib.types.str; };
  config.list = [ "main" ];
}
