{ lib, ... }:
let inherit (lib) mkOption types; in
{
  options = {
    number = mkOption { type = types.int; };
    fixed = mkOption {
      type = types.int;
      default = 1;
      readOnly = true;
    };
    maybe = mkOption { type = types.nullOr types.int; };
    single = mkOption { type = types.raw; };
    numbers = mkOption { type = types.attrsOf types.int; };
    services = mkOption {
      type = types.attrsOf (types.submodule {
        freeformType = types.attrsOf types.str;
        options.enable = mkOption { type = types.bool; default = false; };
        options.package.name = mkOption { type = types.str; };
      });
    };
  };
}
