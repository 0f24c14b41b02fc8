let
  groups = {
    admins = [ "ssh-ed25519 AAAA-a" "ssh-ed25519 AAAA-b" ];
    servers = [ "ssh-ed25519 AAAA-s" ];
    none = [ ];
  };
  keysOf = names: builtins.concatMap (name: groups.${name}) names;
in
{
  "a.age".publicKeys = keysOf [ "admins" ];
  "b.age".publicKeys = keysOf [ "admins" "servers" "none" ];
  "c.age".publicKeys = builtins.concatLists (builtins.attrValues groups);
}
