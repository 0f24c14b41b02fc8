{ lib, ... }: {
  options.jobs = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule {
      options.passwordFile = lib.mkOption { };
      options.paths = lib.mkOption { };
    });
  };
  config.jobs.daily = lib.mkIf true {
    pasword = "x";
  };
}
