{ config, lib, ... }: {
  options.count = lib.mkOption { default = builtins.length config.list; };
  config.list = lib.mkAfter [ "directory" ];
}
