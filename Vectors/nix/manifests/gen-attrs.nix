let
  keys = import ./keys.nix;
  genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
  admins = builtins.attrValues keys.users;
  services = [ "grafana" "matrix" "mail" ];
in
genAttrs (map (s: "services/${s}/password.age") services) (_: { publicKeys = admins; })
// genAttrs [ "wifi.age" "vpn.age" ] (_: {
  publicKeys = admins ++ [ keys.hosts.atlas ];
  armor = true;
})
