{
  imports = [ ./shared.nix ];
  list = [ "one" ];
}
