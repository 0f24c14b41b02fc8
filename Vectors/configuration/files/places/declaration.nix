{ lib, ... }:
{
  imports = [ { options.here = lib.mkOption { }; } ];
  options = {
  } // lib.genAttrs [ "generated" ] (name: lib.mkOption { });
}
