let
  hosts = {
    atlas = {
      key = "ssh-ed25519 AAAA-atlas";
      secrets = [ "wireguard" "restic" ];
    };
    borea = {
      key = "ssh-ed25519 AAAA-borea";
      secrets = [ "wireguard" ];
    };
  };
  me = "age1yubikey1qwerty";
  secretsOf = host: let h = hosts.${host}; in map (s: {
    name = "${host}/${s}.age";
    value.publicKeys = [ me h.key ];
  }) h.secrets;
in
builtins.listToAttrs (builtins.concatMap secretsOf (builtins.attrNames hosts))
