let
  flake = builtins.getFlake "github:example/keys";
in
{ "a.age".publicKeys = flake.keys; }
