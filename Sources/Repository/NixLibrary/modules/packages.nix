# `pkgs` on a machine without Nix: each name stands for a package of the machine.
#
# A package's path is `machine.packages` and its name; where a configuration is used, "${pkgs.x}/bin/y" becomes the
# path of the program y on the machine.
{ lib, machine }:
let
  # A package by its name, whatever that is; which program it has is found out when its path is used.
  package = name: {
    type = "derivation";
    inherit name;
    pname = name;
    outPath = "${machine.packages}/${name}";
    outputName = "out";
    meta.mainProgram = machine.mainProgram name;
  };

  # A file that is written next to the units; its value is its path.
  file = { name, text, executable ? false, destination ? "" }: {
    type = "derivation";
    inherit name;
    outPath = machine.writeFile { inherit name text executable destination; };
    outputName = "out";
    meta.mainProgram = baseNameOf (if destination == "" then name else destination);
  };

  needsNix = what: throw "pkgs.${what} needs Nix itself: adage uses the machine's packages and builds none";

  shell = "${package "bash"}/bin/bash";
  shebang = "#!${shell}\n";

  listed = {
    inherit lib;
    system = builtins.currentSystem;
    config = { };
    runtimeShell = shell;
    bash = package "bash" // { shellPath = "/bin/bash"; };
    runtimeShellPackage = listed.bash;

    writeText = name: text: file { inherit name text; };
    writeScript = name: text: file { inherit name text; executable = true; };
    writeShellScript = name: text: file { inherit name; text = shebang + text; executable = true; };
    writeScriptBin = name: text: file { inherit name text; executable = true; destination = "/bin/${name}"; };
    writeShellScriptBin = name: text: file {
      inherit name;
      text = shebang + text;
      executable = true;
      destination = "/bin/${name}";
    };
    writeTextDir = path: text: file { name = baseNameOf path; inherit text; destination = "/${path}"; };
    writeTextFile = { name, text, executable ? false, destination ? "", ... }: file {
      inherit name text executable destination;
    };
    writeShellApplication =
      { name, text, runtimeInputs ? [ ], runtimeEnv ? null, bashOptions ? [ "errexit" "nounset" "pipefail" ], ... }: file {
        inherit name;
        executable = true;
        destination = "/bin/${name}";
        text = shebang
          + lib.concatMapStrings (option: "set -o ${option}\n") bashOptions
          + (if runtimeEnv == null then "" else lib.concatStrings (lib.mapAttrsToList
            (variable: value: "${lib.toShellVar variable value}\nexport ${variable}\n")
            runtimeEnv))
          + (if runtimeInputs == [ ] then "" else "\nexport PATH=\"${lib.makeBinPath runtimeInputs}:$PATH\"\n")
          + "\n" + text + "\n";
      };

    stdenv = {
      hostPlatform = {
        system = builtins.currentSystem;
        isLinux = true;
        isDarwin = false;
        isx86_64 = builtins.currentSystem == "x86_64-linux";
        isAarch64 = builtins.currentSystem == "aarch64-linux";
      };
      isLinux = true;
      isDarwin = false;
      mkDerivation = _: needsNix "stdenv.mkDerivation";
    };

    formats = {
      json = _: { type = plainData; generate = name: value: listed.writeText name (builtins.toJSON value); };
      # Every JSON text is YAML.
      yaml = _: { type = plainData; generate = name: value: listed.writeText name (builtins.toJSON value); };
      keyValue = arguments: {
        type = lib.types.attrsOf plainData;
        generate = name: value: listed.writeText name (lib.generators.toKeyValue arguments value);
      };
      ini = arguments: {
        type = lib.types.attrsOf (lib.types.attrsOf plainData);
        generate = name: value: listed.writeText name (lib.generators.toINI arguments value);
      };
    };
  }
  // lib.genAttrs
    [
      "buildEnv" "callPackage" "callPackages" "fetchFromGitHub" "fetchFromGitLab" "fetchgit" "fetchurl" "fetchzip"
      "linkFarm" "makeWrapper" "mkShell" "runCommand" "runCommandLocal" "substitute" "substituteAll" "symlinkJoin"
    ]
    (name: _: needsNix name);

  plainData = lib.types.nullOr (lib.types.oneOf [
    lib.types.bool
    lib.types.int
    lib.types.float
    lib.types.str
    lib.types.path
    (lib.types.attrsOf plainData)
    (lib.types.listOf plainData)
  ]) // { description = "JSON value"; };
in
machine.open {
  inherit listed;
  missing = name: "attribute '${name}' missing";
  lookup = name: [ (package name) ];
}
