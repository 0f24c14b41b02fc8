let
  lib = import <nixpkgs/lib>;
in
{ "a.age".publicKeys = lib.unique [ "k" "k" ]; }
