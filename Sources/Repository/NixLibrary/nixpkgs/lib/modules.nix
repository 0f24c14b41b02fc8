# The module system: many modules declare options and define them; here they become one configuration.
{ lib }:
let
  inherit (builtins)
    addErrorContext all any attrNames concatMap filter head intersectAttrs isAttrs length map mapAttrs removeAttrs
    ;
  inherit (lib.attrsets) setAttrByPath;
  inherit (lib.lists) last optional reverseList;
  inherit (lib.options) isOption mkOption nearestNames showDefs showOption;
  inherit (lib) types;

  definitions = import ./modules/definitions.nix { inherit lib; };
  declarations = import ./modules/declarations.nix { inherit lib; };
  sets = import ./modules/sets.nix { inherit lib definitions declarations; };
  loading = import ./modules/loading.nix { inherit lib; };
  renaming = import ./modules/renaming.nix { inherit lib; };
  inherit (definitions) layersOf mkOptionDefault;
  inherit (declarations) setDefaultModuleLocation;
  inherit (sets) evalSet;

  # ---- A configuration ----

  # The options by which modules steer the module system itself.
  ownOptions = isRoot: {
    args = mkOption {
      type = types.lazyAttrsOf types.raw;
      ${if isRoot then null else "internal"} = true;
      description = "Arguments passed to each module, beside `lib`, `config`, `options` and `specialArgs`.";
    };
    check = mkOption {
      type = types.bool;
      internal = true;
      default = true;
      description = "Whether every definition must have an option.";
    };
    freeformType = mkOption {
      type = types.nullOr types.optionType;
      internal = true;
      default = null;
      description = "The type of what is defined and has no option; null if that is an error.";
    };
    specialArgs = mkOption {
      readOnly = true;
      internal = true;
      description = "Arguments that modules may also use in `imports`, and cannot change.";
    };
  };

  # The set of options that has `_module` alone. What it has never depends on definitions.
  ownSet = prefix: defined: sources: layers:
    let
      file = "lib/modules.nix";
      only = intersectAttrs { _module = null; };
    in
    evalSet null prefix
      ([ { inherit file; options._module = ownOptions (prefix == [ ]); } ]
        ++ map (source: source // { options = only source.options; }) (filter (source: source.options ? _module) sources))
      ([ { inherit file; set._module = defined; wrap = null; } ]
        ++ map (layer: layer // { set = only layer.set; }) (filter (layer: layer.set ? _module) layers));
  withoutOwn = source: { inherit (source) file; options = removeAttrs source.options [ "_module" ]; };

  # What modules make: { options; config; _module; unmatched; class; type; extendModules; graph; }.
  evalModules =
    arguments@{ modules
    , prefix ? [ ]
    , specialArgs ? { }
    , class ? null
    , args ? null
    , check ? null
    , open ? null
    }:
    let
      legacy =
        optional (args != null) { config._module.args = args; }
        ++ optional (check != null) { config._module.check = definitions.mkDefault check; };
    in
    evaluate {
      inherit prefix specialArgs class open arguments;
      all = if legacy == [ ] then modules else modules ++ legacy;
      given = { };
      gather = gatherAll;
    };

  # `arguments` are those of `evalModules`, for what is made of the same modules later. `all` modules make the
  # configuration; `given` are module arguments that stand in `_module.args`. `gather` finds what the modules that count
  # declare and define: { sources; layers; }.
  evaluate = { prefix, specialArgs, class, open, arguments, all, given, gather }:
    let
      evaluation = {
        inherit class;
        args = {
          inherit lib options config specialArgs;
          _class = class;
          _prefix = prefix;
        } // specialArgs;
        missing = name: _module.args.${name};
        modulesPath = specialArgs.modulesPath or "";
        tree = loading.treeOf evaluation loading.unknownFile "" all;
      };
      gathered = gather evaluation;
      inherit (gathered) sources layers;
      root = evalSet open prefix (if isDeclaringOwn then map withoutOwn sources else sources) layers;

      # Most sets of modules do not speak of the module system.
      isSteered = isDeclaringOwn || any (layer: layer.set ? _module) layers;
      isDeclaringOwn = any (source: source.options ? _module) sources;
      ownArgs = { inherit extendModules; moduleType = type; } // given;
      own = ownSet prefix { args = ownArgs; inherit specialArgs; } sources layers;
      _module =
        if isSteered then own.values._module
        else { args = ownArgs; check = true; freeformType = null; inherit specialArgs; };
      options = root.options // own.options;
      unmatched =
        if isSteered then filter (d: lib.drop (length prefix) d.prefix != [ "_module" ]) root.unmatched ++ own.unmatched
        else root.unmatched;

      inherit (_module) freeformType;
      # What has no option, as one value.
      free = freeformType.merge prefix (map
        (d: {
          inherit (d) file;
          value = setAttrByPath (lib.drop (length prefix) d.prefix) d.value;
          places = d.set or { };
        })
        unmatched);
      values =
        if freeformType == null || unmatched == [ ] then root.values else updateFreely free root.values root.options;
      config = values // { inherit _module; };

      isKnown = unmatched == [ ] || !_module.check || freeformType != null;
      checked = value:
        if isKnown then value
        else throw (unknownOption prefix (attrNames (root.declared // { _module = null; })) (head unmatched));

      type = types.submoduleWith { inherit (arguments) modules; inherit specialArgs class; };
      extendModules = { modules ? [ ], specialArgs ? { }, prefix ? arguments.prefix or [ ] }:
        evalModules (arguments // {
          modules = arguments.modules ++ modules;
          specialArgs = arguments.specialArgs or { } // specialArgs;
          inherit prefix;
        });
    in
    {
      _type = "configuration";
      options = checked options;
      config = checked values;
      _module = checked _module;
      inherit class extendModules type unmatched;
      graph = loading.graphOf evaluation.modulesPath evaluation.tree;
    };

  gatherAll = evaluation:
    let modules = reverseList (loading.flattened evaluation.modulesPath evaluation.tree); in
    { sources = sourcesOf evaluation modules; layers = concatMap (m: layersOf m.file m.config) modules; };

  sourcesOf = evaluation: filter (m:
    if isAttrs m.options then { } != m.options else throw (declarations.noDeclarations evaluation.args._prefix m.options));

  # ---- A submodule ----

  # The configuration that definitions make; `prepared` are the submodule's modules (see loading.nix).
  evalSubmodule = prepared: submodule: loc: definitions:
    let arguments = submoduleArguments submodule loc definitions; in
    if prepared.isPlain && all (d: isAttrs d.value) definitions then
      evaluate {
        inherit (submodule) specialArgs class;
        inherit arguments;
        all = arguments.modules;
        prefix = loc;
        open = null;
        given.name = last loc;
        gather = gatherSubmodule prepared definitions;
      }
    else evalModules arguments;

  # The same modules in the order of `gatherAll`, if those that are functions import nothing.
  gatherSubmodule = prepared: definitions: evaluation:
    let
      imported = map (loading.read evaluation) prepared.imported;
      top = map (loading.read evaluation) prepared.top;
      read = imported ++ top;
      last = if length definitions == 1 then definitions else reverseList definitions;
    in
    if !all (m: m.isAlone) read then gatherAll evaluation
    else {
      sources = sourcesOf evaluation read;
      layers = concatMap (m: layersOf m.file m.config) imported
        ++ concatMap (d: layersOf d.file d.value) last
        ++ concatMap (m: layersOf m.file m.config) top;
    };

  submoduleArguments = { modules, specialArgs, class, shorthandOnlyDefinesConfig, ... }: loc: definitions: {
    inherit specialArgs class;
    prefix = loc;
    modules =
      [ { _module.args.name = mkOptionDefault "‹name›"; } ] ++ modules ++ [ { _module.args.name = last loc; } ]
      ++ map
        (d:
          if isAttrs d.value && shorthandOnlyDefinesConfig == true
          then { _file = d.file; config = d.value; }
          else { _file = d.file; imports = [ d.value ]; })
        definitions;
  };

  # Free definitions below what is declared; an option's value is never entered.
  updateFreely = free: declared: options:
    free // mapAttrs
      (name: value:
        if free ? ${name} && options ? ${name} && !isOption options.${name} && isAttrs free.${name}
        then updateFreely free.${name} value options.${name}
        else value)
      declared;

  unknownOption = prefix: names: definition:
    let
      name = showOption definition.prefix;
      beside = lib.lists.init definition.prefix;
      near = map (n: "`${showOption (beside ++ [ n ])}'") (nearestNames (last definition.prefix) definition.siblings);
      values = addErrorContext
        "while evaluating the error message for definitions for `${name}', which is an option that does not exist"
        (addErrorContext "while evaluating a definition from `${definition.file}'" (showDefs [ definition ]));
    in
    "The option `${name}' does not exist. Definition values:${values}"
    + (if near == [ ] then "" else "\n\nDid you mean ${lib.concatStringsSep " or " near}?")
    + (if names != [ "_module" ] then ""
      else if prefix == [ ] then
        "\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!"
      else
        "\n\nHowever there are no options defined in `${showOption prefix}'. Are you sure you've declared your options properly?");
in
{
  inherit
    evalModules evalSubmodule setDefaultModuleLocation unknownOption
    ;
  inherit (sets) evalOptionValue withConstants;
  inherit (declarations) mergeOptionDecls fixupOptionType;
  inherit (definitions)
    mergeDefinitions mergeFinal wrongType
    mkIf mkMerge mkOverride mkOrder mkAssert mkDefinition mkOptionDefault mkDefault mkImageMediaOverride mkForce
    mkVMOverride mkFixStrictness mkBefore mkAfter defaultOverridePriority defaultOrderPriority defaultPriority
    pushDownProperties dischargeProperties filterOverrides filterOverrides' sortProperties
    ;
  inherit (loading) prepare;
  inherit (renaming)
    doRename mkAliasDefinitions mkAliasAndWrapDefinitions mkAliasAndWrapDefsWithPriority mkAliasIfDef
    mkAliasOptionModule mkAliasOptionModuleMD mkChangedOptionModule mkDerivedConfig mkMergedOptionModule
    mkRemovedOptionModule mkRenamedOptionModule mkRenamedOptionModuleWith
    ;

  fixMergeModules = modules: args: evalModules { inherit modules args; check = false; };

  # Each attribute of an option that is a set, with the priority it is defined with.
  mergeAttrDefinitionsWithPrio = option:
    mapAttrs
      (name: found:
        let merged = definitions.mergeDefinitions (option.loc ++ [ name ]) option.type.nestedTypes.elemType found; in
        { value = merged.mergedValue; inherit (merged.defsFinal') highestPrio; })
      (definitions.definitionsByName option.loc
        (concatMap (d: layersOf d.file d.value) option.definitionsWithLocations));

  # A module in a file that needs more than module arguments, or that is data.
  importApply = file: argument: setDefaultModuleLocation file (import file argument);
  importJSON = file: { _file = file; config = lib.importJSON file; };
  importTOML = file: { _file = file; config = lib.importTOML file; };
}
