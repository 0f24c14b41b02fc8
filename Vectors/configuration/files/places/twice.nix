{ lib, ... }: {
  options.number = lib.mkOption { type = lib.types.str; };
}
