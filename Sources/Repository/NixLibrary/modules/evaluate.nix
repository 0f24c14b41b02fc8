# A configuration as a whole: what its modules make together with adage's own.
#
# `machine` answers for the machine (MachineValue.swift); `modules` are the user's. `planned` says whether services are
# as they are carried out, or as NixOS has them.
{ lib, machine, modules, planned }:
let
  inherit (lib) isOption showOption;
  pkgs = import ./packages.nix { inherit lib machine; };

  # Sets of options also hold what is defined and has no option, for those who ask for it by name.
  open = loc: values: strangers: machine.open {
    listed = values;
    missing = name: "attribute '${name}' missing";
    lookup = name:
      if !strangers ? ${name} then [ ]
      else
        let merged = lib.modules.mergeDefinitions (loc ++ [ name ]) likely strangers.${name}; in
        lib.optional merged.isDefined merged.mergedValue;
  };

  # What an option that is not ours most likely makes of its definitions.
  likely = lib.types.anything // {
    merge = loc: definitions:
      let values = map (d: d.value) definitions; in
      if lib.all builtins.isAttrs values then (lib.types.lazyAttrsOf likely).merge loc definitions
      else if lib.all builtins.isList values then lib.concatLists values
      else lib.types.anything.merge loc definitions;
  };

  result = lib.evalModules {
    modules = import ./. ++ modules;
    specialArgs = {
      inherit machine pkgs planned;
      modulesPath = toString ./.;
    };
    check = false;
    inherit open;
  };
  inherit (result) config options;

  # Everything below these is ours: a name that is not known there is a mistake.
  ours = [ [ "age" ] [ "services" "restic" ] ];
  isOurs = path: lib.any (own: lib.take (lib.length own) path == own) ours;
  mistakes = lib.filter (definition: isOurs definition.prefix) result.unmatched;

  # Options that say what is there, and have no effect on it.
  answers = [
    [ "age" "ageBin" ]
    [ "networking" "hostName" ]
    [ "services" "openssh" "hostKeys" ]
    [ "users" "groups" ]
    [ "users" "users" ]
  ];
  answered = lib.concatMap
    (path:
      let option = lib.getAttrFromPath path options; in
      lib.optionals option.isSet (map (value: { inherit path value; }) option.definitions))
    answers;

  definedValues = lib.mapAttrs
    (_: node: if isOption node then node.value else definedValues node);
  onlyDefined = tree: lib.filterAttrs (_: node: !isOption node || node.isDefined)
    (lib.mapAttrs (_: node: if isOption node then node else onlyDefined node) tree);
in
{
  inherit config options;

  plan = import ./plan.nix { inherit config lib machine pkgs; };

  # Fails if a name is not known where every name is.
  check =
    if mistakes == [ ] then true
    else throw (lib.modules.unknownOption [ ] [ ] (lib.head mistakes));

  # Every option that has a value, as plain sets.
  values = definedValues (onlyDefined (removeAttrs options [ "_module" "assertions" ]));

  # What was set without an effect: { path; value; near; }.
  unapplied =
    map
      (definition: {
        path = definition.prefix;
        inherit (definition) value;
      })
      (lib.filter (definition: !isOurs definition.prefix) result.unmatched)
    ++ answered;

  failedAssertions = map (a: a.message) (lib.filter (a: !a.assertion) config.assertions);
  inherit (config) warnings;
}
