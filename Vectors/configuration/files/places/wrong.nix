{ lib, ... }: {
  number = lib.mkIf true "three";
  numbers = lib.mkMerge [ { b = "four"; } ];
  services.web = {
    enable = "yes";
    package.name = 5;
    port = 80;
  };
}
