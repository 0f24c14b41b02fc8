let
  entries = builtins.readDir ./keys;
  isKey = name: builtins.match ".*\\.pub" name != null;
  names = builtins.filter isKey (builtins.attrNames entries);
  user = name: builtins.head (builtins.match "(.*)\\.pub" name);
  keys = builtins.listToAttrs (
    map (name: {
      name = user name;
      value = builtins.readFile (./keys + ("/" + name));
    }) names
  );
in
builtins.mapAttrs (name: key: { publicKeys = [ key ]; inherit name; }) keys
// { "all.age".publicKeys = builtins.attrValues keys; }
