# As real ones do it: keys by host and user, secrets by group, with what nixpkgs' lib has for it.
let
  lib = import <nixpkgs/lib>;
  inherit (lib) flatten mapAttrs' nameValuePair optionals unique;
  hosts = {
    atlas = { key = "ssh-ed25519 A"; groups = [ "backup" "mail" ]; };
    borea = { key = "ssh-ed25519 B"; groups = [ "backup" ]; };
  };
  users = [ "ssh-ed25519 C" ];
  members = group: lib.mapAttrsToList (_: host: host.key)
    (lib.filterAttrs (_: host: builtins.elem group host.groups) hosts);
  secret = name: { group, armor ? false }: nameValuePair "${group}/${name}.age" {
    publicKeys = unique (flatten [ users (members group) (optionals armor users) ]);
    inherit armor;
  };
in
mapAttrs' secret {
  password = { group = "backup"; };
  relay = { group = "mail"; armor = true; };
}
