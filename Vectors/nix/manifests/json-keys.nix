let
  data = builtins.fromJSON (builtins.readFile ./hosts/access.json);
in
builtins.mapAttrs (_: names: { publicKeys = map (n: data.keys.${n}) names; }) data.secrets
