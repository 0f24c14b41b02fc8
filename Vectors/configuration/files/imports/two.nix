{ ... }: {
  imports = [ ./shared.nix ];
  list = [ "two" ];
}
