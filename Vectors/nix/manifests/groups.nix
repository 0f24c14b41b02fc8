# roles with inheritance, sorted and made unique
let
  people = rec {
    alice = "ssh-ed25519 AAAA-alice";
    bob = "ssh-ed25519 AAAA-bob";
    carol = "ssh-rsa AAAA-carol";
    admins = [ alice ];
    developers = admins ++ [ bob carol alice ];
  };
  unique = builtins.foldl' (acc: e: if builtins.elem e acc then acc else acc ++ [ e ]) [ ];
  sort = builtins.sort builtins.lessThan;
  rules = {
    admins = [ "root-password" "backup" ];
    developers = [ "api-token" ];
  };
  rule = group: name: {
    name = "${group}/${name}.age";
    value.publicKeys = sort (unique people.${group});
  };
in
builtins.listToAttrs (
  builtins.concatLists (builtins.attrValues (builtins.mapAttrs (group: map (rule group)) rules))
)
