# What `import <nixpkgs> { }` gives where there is no nixpkgs: its functions, and no packages.
arguments:
let
  system = arguments.system or builtins.currentSystem;

  # What makes packages needs Nix, and says so as everything does that needs it.
  makers = [
    "buildEnv" "callPackage" "dockerTools" "fetchFromGitHub" "fetchFromGitLab" "fetchgit" "fetchpatch"
    "fetchurl" "fetchzip" "formats" "linkFarm" "mkShell" "nixos" "nixosTest" "runCommand"
    "runCommandLocal" "stdenv" "stdenvNoCC" "symlinkJoin" "writeScript" "writeScriptBin"
    "writeShellApplication" "writeShellScript" "writeShellScriptBin" "writeText" "writeTextDir"
    "writeTextFile"
  ];
  needsNix = name: {
    inherit name;
    value = builtins.derivation { inherit name system; builder = "nixpkgs"; };
  };
in
builtins.listToAttrs (map needsNix makers) // {
  lib = import ./lib;
  inherit system;
}
