let
  pkgs = import <nixpkgs> { };
  inherit (pkgs) lib;
  keys = import ../../nix/manifests/keys.nix;
in
lib.genAttrs [ "a.age" ] (_: { publicKeys = lib.attrValues keys.users; })
