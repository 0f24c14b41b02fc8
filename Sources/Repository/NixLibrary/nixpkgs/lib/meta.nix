# What is said about packages, and the programs in them.
{ lib }:
let
  inherit (builtins) isString typeOf;
  inherit (lib.attrsets) isDerivation;

  addMetaAttrs = attributes: package:
    if package ? overrideAttrs
    then package.overrideAttrs (previous: { meta = previous.meta or { } // attributes; })
    else package // { meta = package.meta or { } // attributes; };

  mapDerivationAttrset = f: builtins.mapAttrs (_: value: if isDerivation value then f value else value);

  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);

  updateName = f: package: package // { name = f package.name; };

  getExe' = package: program:
    if ! isDerivation package
    then throw "lib.meta.getExe': The first argument is of type ${typeOf package}, but it should be a derivation instead."
    else if ! isString program
    then throw "lib.meta.getExe': The second argument is of type ${typeOf program}, but it should be a string instead."
    else if lib.strings.hasInfix "/" program
    then throw "lib.meta.getExe': The second argument \"${program}\" is a nested path with a \"/\" character, but it should just be the name of the executable instead."
    else "${lib.attrsets.getBin package}/bin/${program}";
in
{
  # A package of which something more is said; that nobody should distribute it.
  inherit addMetaAttrs;
  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };

  # A package with another name; with what a function gives of it, or with a suffix.
  setName = name: package: package // { inherit name; };
  inherit updateName;
  appendToName = suffix: updateName (full:
    let parts = builtins.parseDrvName full;
    in "${parts.name}-${suffix}-${parts.version}");

  # A function of the packages in a set.
  inherit mapDerivationAttrset;

  # A package whose files go before, or after, those of others.
  inherit setPrio lowPrio hiPrio;
  lowPrioSet = mapDerivationAttrset lowPrio;
  hiPrioSet = mapDerivationAttrset hiPrio;

  # The path of a package's main program, or of any program of it.
  getExe = package:
    getExe' package (package.meta.mainProgram or (
      let name = lib.strings.getName package;
      in lib.trivial.warn
        "getExe: ${name} does not say which its main program is (meta.mainProgram); the one of its own name is assumed, use getExe' to name it"
        name));
  inherit getExe';
}
