# The module system: many modules declare options and define them; here they become one configuration.
#
# What is declared and defined in one set of options comes as
#   sources      { file; options; }: the options that one module declares there
#   layers       { file; set; wrap; }: what one module defines there (see properties.nix)
# and of these, for one name,
#   declarations { file; options; set; }: what a source has for the name; `set` is for the place
#   definitions  { file; value; set; name; }.
{ lib }:
let
  inherit (builtins)
    addErrorContext all any attrNames attrValues concatLists concatMap elem filter foldl' hasAttr head intersectAttrs
    isAttrs length map mapAttrs removeAttrs seq typeOf unsafeGetAttrPos zipAttrsWith
    ;
  inherit (lib.attrsets) setAttrByPath mapAttrsToList;
  inherit (lib.lists) last optional reverseList;
  inherit (lib.options) isOption mkOption nearestNames showDefs showOption showPlaces;
  inherit (lib) types;

  properties = import ./modules/properties.nix { inherit lib; };
  loading = import ./modules/loading.nix { inherit lib; };
  renaming = import ./modules/renaming.nix { inherit lib; };
  inherit (properties) layersOf mkOptionDefault resolve;

  # ---- The value of definitions ----

  # What a type makes of definitions.
  mergeDefinitions = loc: type: definitions:
    let
      resolved = resolve definitions;
      final = resolved.values;
      isDefined = final != [ ];
      mergedValue = if isDefined then mergeFinal loc type final else throw (noValue loc);
    in
    {
      inherit isDefined mergedValue;
      defsFinal' = resolved;
      defsFinal = final;
      optionalValue = if isDefined then { value = mergedValue; } else { };
      checkedAndMerged = {
        headError = if all (d: type.check d.value) final then null else { message = wrongType loc type final; };
        value = mergedValue;
        valueMeta = if type.merge ? v2 then (type.merge.v2 { inherit loc; defs = final; }).valueMeta else { };
      };
    };

  # The same for definitions that have no properties, one at least.
  mergeFinal = loc: type: definitions:
    if all (d: type.check d.value) definitions then type.merge loc definitions
    else throw (wrongType loc type definitions);

  wrongType = loc: type: definitions:
    "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:"
    + showDefs (filter (d: !type.check d.value) definitions);

  noValue = loc: "The option `${showOption loc}' was accessed but has no value defined. Try setting the option.";

  # ---- Declarations ----

  # Many declarations of one option as one; their types are merged, of other attributes the first counts.
  mergeOptionDecls = loc: declarations:
    let
      start = { inherit loc; declarations = [ ]; declarationPositions = [ ]; options = [ ]; };
      join = sum: d:
        let
          option = d.options;
          both = name: hasAttr name option && hasAttr name sum;
          merged = sum.type.typeMerge option.type.functor;
          modules = option.type.getSubModules or null;
        in
        if both "default" || both "example" || both "description" || both "apply" || both "type" && merged == null then
          throw "The option `${showOption loc}' in `${placeOf d}' is already declared in ${
            lib.concatMapStringsSep " and " (f: "`${f}'") sum.places}."
        else option // sum // {
          declarations = sum.declarations ++ [ (fileOf d) ];
          declarationPositions = sum.declarationPositions ++ [ (positionOf d) ];
          places = sum.places ++ [ (placeOf d) ];
          options = if modules == null then sum.options else located (fileOf d) modules ++ sum.options;
          ${if both "type" then "type" else null} = merged;
        };
    in
    removeAttrs (foldl' join (start // { places = [ ]; }) declarations) [ "places" ];

  # Submodules are named by where they are declared.
  located = file: map (setDefaultModuleLocation file);
  setDefaultModuleLocation = file: m: { _file = file; imports = [ m ]; };

  withLocatedType = file: option:
    let modules = option.type.getSubModules or null; in
    option // {
      type = if modules == null then option.type or types.unspecified else option.type.substSubModules (located file modules);
    };

  fixupOptionType = loc: option:
    if option.type.getSubModules or null == null then option // { type = option.type or types.unspecified; }
    else option // { type = option.type.substSubModules option.options; options = [ ]; };

  fileOf = d: d.file or d._file;
  positionOf = d:
    let known = if d ? set then unsafeGetAttrPos d.name d.set else d.pos or null; in
    if known != null then known else { file = fileOf d; line = null; column = null; };
  placeOf = d: lib.options.placeOf ({ file = fileOf d; } // d);

  # A set of options as a declaration of an option that is a submodule.
  asSubmodule = d:
    if isOption d.options then d
    else d // {
      options = mkOption {
        type = types.submoduleWith {
          modules = [ { inherit (d) options; } ];
          # Whatever is said where the submodule is declared.
          shorthandOnlyDefinesConfig = null;
        };
      };
    };

  # What several modules declare by one name: an option, or `{ }` for a set of options.
  declaredTogether = loc: declarations:
    let
      options = filter (d: isDeclaration loc d.file d.options) declarations;
      others = filter (d: !isOption d.options) declarations;
      prefixes = concatMap
        (d: map (name: " - option(s) with prefix `${showOption (loc ++ [ name ])}' in module `${d.file}'") (attrNames d.options))
        others;
    in
    if options == [ ] then { }
    else if others == [ ] then fixupOptionType loc (mergeOptionDecls loc declarations)
    else if all (d: d.options.type.name or null == "submodule") options then
      fixupOptionType loc (mergeOptionDecls loc (map asSubmodule declarations))
    else
      throw "The option `${showOption loc}' in module `${(head options).file}' would be a parent of the following options, but its type `${(head options).options.type.description or "<no description>"}' does not support nested options.\n${
        lib.concatStringsSep "\n" (builtins.sort (a: b: a < b) prefixes)}";

  # Whether what is declared is an option, not a set of them; anything else that is marked is a mistake.
  isDeclaration = loc: file: option:
    let mark = option._type or null; in
    if mark == null then false
    else if mark == "option" then true
    else
      throw ("In module ${file}: expected an option declaration at option path `${showOption loc}` but got an attribute set with type ${mark}"
        + (if mark != "option-type" then "" else "\n\nWhen declaring an option, you must wrap the type in a `mkOption` call. It should look somewhat like:\n    ${
            if length loc > 1 then "\n    # ${showOption loc}" else ""}\n    ${lib.strings.escapeNixIdentifier (last loc)} = lib.mkOption {\n      description = ...;\n      type = <the type you wrote for ${lib.strings.escapeNixIdentifier (last loc)}>;\n      ...\n    };\n"));

  # ---- One option ----

  # All definitions of an option, its default among them.
  withDefault = option: definitions:
    optional (option ? default) { file = head option.declarations; value = mkOptionDefault option.default; } ++ definitions;

  mergeOption = loc: option: definitions:
    let
      everything = withDefault option definitions;
      # Each as if it were alone, for the message.
      apart = map (d: d // { value = (mergeDefinitions loc option.type [ d ]).mergedValue; }) everything;
    in
    if option.readOnly or false && length everything > 1 then
      throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs apart}"
    else mergeDefinitions loc option.type everything;

  # The value of an option; definitions with properties, and whatever else is rare.
  optionValue = loc: option: definitions:
    let merged = (mergeOption loc option definitions).mergedValue; in
    if option ? apply then option.apply merged else merged;

  # An option as `options` shows it. `value` is there already where it was evaluated.
  evalOptionValue = loc: option: definitions: optionRecord loc option definitions (
    addErrorContext "while evaluating the option `${showOption loc}':" (optionValue loc option definitions));

  optionRecord = loc: option: definitions: value:
    let
      merged = mergeOption loc option definitions;
      final = merged.defsFinal;
    in
    option // {
      inherit loc value;
      inherit (merged) isDefined;
      inherit (merged.defsFinal') highestPrio;
      inherit (merged.checkedAndMerged) valueMeta;
      definitions = map (d: d.value) final;
      definitionsWithLocations = final;
      files = map (d: d.file) final;
      # Whether anything but the default defines it.
      isSet = definitions != [ ];
      __toString = _: showOption loc;
    };

  # ---- A set of options ----

  # What modules make of one set of options and those in it:
  #   values       what `config` holds
  #   options      what `options` holds
  #   declared     the options and sets of options by name
  #   unmatched    definitions without an option, each with its `prefix` and the names beside it, `siblings`
  # `open` is given the path of each set of values, the set, and the definitions in it without an option; what it
  # returns stands for the set. It is null if that is the set itself. A source may have its `constants` (see there).
  evalSet = open: loc: sources: layers:
    let
      found = definitionsByName loc layers;

      # Names that several modules declare, with their declarations.
      shared = sharedNames sources;
      together = mapAttrs (name: declaredTogether (loc ++ [ name ])) shared;
      isSimple = length sources == 1;
      declared =
        if isSimple then (head sources).options
        else foldl' (sum: source: sum // source.options) { } sources // together;
      known = intersectAttrs found declared;
      strangers = removeAttrs found (attrNames known);

      # The common cases first: an option that one module declares, with at most one definition, which is plain.
      aloneValue = source: name: option:
        if option._type or "" != "option" then below.${name}.values
        else addErrorContext "while evaluating the option `${showOption (loc ++ [ name ])}':" (
          let definitions = found.${name} or [ ]; in
          if option ? apply || option ? readOnly || option.type.getSubModules or true != null then
            rareValue source name definitions
          else if definitions == [ ] then
            let value = option.default; in
            if !(option ? default) || value ? _type then rareValue source name definitions
            else if !option.type.check value then
              throw (wrongType (loc ++ [ name ]) option.type [ { inherit (source) file; inherit value; } ])
            else if option.type.merge.isIdentity or false then value
            else option.type.merge (loc ++ [ name ]) [ { inherit (source) file; inherit value; } ]
          else
            let inherit (head definitions) value; in
            if length definitions != 1 || value ? _type then rareValue source name definitions
            else if !option.type.check value then throw (wrongType (loc ++ [ name ]) option.type definitions)
            else if option.type.merge.isIdentity or false then value
            else option.type.merge (loc ++ [ name ]) definitions
        );
      rareValue = source: name:
        optionValue (loc ++ [ name ]) (withLocatedType source.file source.options.${name} // { declarations = [ source.file ]; });
      sharedValue = name: option:
        if !(option ? _type) then below.${name}.values
        else addErrorContext "while evaluating the option `${showOption option.loc}':"
          (optionValue option.loc option (found.${name} or [ ]));

      alone = source: name: { inherit (source) file; inherit name; options = source.options.${name}; set = source.options; };
      completed = d: fixupOptionType (loc ++ [ d.name ]) (mergeOptionDecls (loc ++ [ d.name ]) [ d ]);

      # The sets of options in this one.
      below = mapAttrs
        (name: option:
          let
            declaring = concatMap
              (source: if source.options ? ${name} then [ { inherit (source) file; options = source.options.${name}; } ] else [ ])
              sources;
          in
          if isDeclaration (loc ++ [ name ]) (head declaring).file option then null
          else if !isAttrs option then throw (noDeclarations (loc ++ [ name ]) option)
          else evalSet open (loc ++ [ name ]) declaring (concatMap (d: layersOf d.file d.value) (found.${name} or [ ])))
        declared;

      valuesOf = source:
        if source ? constants then
          source.constants // mapAttrs (aloneValue source) (source.variables // intersectAttrs found source.options)
        else mapAttrs (aloneValue source) source.options;
      values =
        if isSimple then valuesOf (head sources)
        else foldl' (sum: source: sum // valuesOf source) { } sources // mapAttrs sharedValue together;
    in
    {
      inherit declared;
      values = if open == null then values else open loc values strangers;
      options =
        let
          optionOf = name: option: optionRecord option.loc option (found.${name} or [ ]) values.${name};
          ofOne = source: name: option:
            if isOption option then optionOf name (completed (alone source name)) else below.${name}.options;
          ofMany = name: option: if option ? _type then optionOf name option else below.${name}.options;
        in
        foldl' (sum: source: sum // mapAttrs (ofOne source) source.options) { } sources // mapAttrs ofMany together;
      unmatched =
        let
          prefixed = name: map (d: d // { prefix = loc ++ [ name ]; siblings = attrNames declared; });
          inside = filter (name: !(declared.${name} ? _type)) (attrNames known);
        in
        (if { } == strangers then [ ] else concatMap (name: prefixed name strangers.${name}) (attrNames strangers))
        ++ (if all (option: option ? _type) (attrValues known) then [ ] else concatMap (name: below.${name}.unmatched) inside);
    };

  # The definitions of each name.
  definitionsByName = loc: layers:
    let
      ofLayer = { file, set, wrap }:
        if !isAttrs set then
          throw "In module `${file}', you're trying to define a value of type `${typeOf set}' rather than an attribute set for the option `${showOption loc}'!\n\nThis usually happens if `${showOption loc}' has option definitions inside that are not matched."
        else if wrap == null then mapAttrs (name: value: { inherit file set name value; }) set
        else mapAttrs (name: value: { inherit file set name; value = wrap value; }) set;
    in
    if layers == [ ] then { }
    else if length layers == 1 then mapAttrs (_: d: [ d ]) (ofLayer (head layers))
    else zipAttrsWith (_: definitions: definitions) (map ofLayer layers);

  # A source that many submodules share, with the values of options that are the same in all where nothing defines them,
  # `constants`; the other options are `variables`.
  withConstants = source:
    let
      isConstant = option:
        option._type or "" == "option" && option ? default && !(option ? apply) && !(option ? readOnly)
        && option.type.getSubModules or true == null
        && (option.type.merge.isUniform or (option.type.merge.isIdentity or false));
      options = lib.filterAttrs (_: isConstant) source.options;
    in
    source // {
      constants = (evalSet null [ "‹name›" ] [ { inherit (source) file; inherit options; } ] [ ]).values;
      variables = removeAttrs source.options (attrNames options);
    };

  noDeclarations = loc: options:
    "An option declaration for `${showOption loc}' has type `${typeOf options}' rather than an attribute set. Did you mean to define this outside of `options'?";

  sharedNames = sources:
    let
      twice = (foldl'
        (state: source: {
          all = state.all // source.options;
          twice = state.twice // intersectAttrs state.all source.options;
        })
        { all = { }; twice = { }; }
        sources).twice;
    in
    if length sources < 2 || { } == twice then { }
    else zipAttrsWith (_: declarations: declarations) (map
      (source: mapAttrs (name: options: { inherit (source) file; inherit name options; set = source.options; })
        (intersectAttrs twice source.options))
      sources);

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
        ++ optional (check != null) { config._module.check = properties.mkDefault check; };
    in
    evaluate {
      inherit prefix specialArgs class open modules arguments;
      all = if legacy == [ ] then modules else modules ++ legacy;
      given = { };
      gather = gatherAll;
    };

  # `modules` make the type, `all` the configuration; `given` are module arguments that stand in `_module.args`.
  # `gather` finds the modules that count: { sources; layers; }.
  evaluate = { prefix, specialArgs, class, open, modules, arguments, all, given, gather }:
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

      type = types.submoduleWith { inherit modules specialArgs class; };
      extendModules = more@{ modules ? [ ], specialArgs ? { }, prefix ? arguments.prefix or [ ] }:
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
    if isAttrs m.options then { } != m.options else throw (noDeclarations evaluation.args._prefix m.options));

  # ---- A submodule ----

  # The configuration that definitions make; `prepared` are the submodule's modules (see loading.nix).
  evalSubmodule = prepared: submodule: loc: definitions:
    let arguments = submoduleArguments submodule loc definitions; in
    if prepared.isPlain && all (d: isAttrs d.value) definitions then
      evaluate {
        inherit (submodule) specialArgs class modules;
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
        "\n\nHowever there are no options defined in `${showOption prefix}'. Are you sure you've declared your options properly? This can happen if you e.g. declared your options in `types.submodule' under `config' rather than `options'.");
in
{
  inherit
    evalModules evalSubmodule evalOptionValue mergeDefinitions mergeFinal mergeOptionDecls fixupOptionType
    setDefaultModuleLocation unknownOption withConstants wrongType
    ;
  inherit (properties)
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
      (name: definitions:
        let merged = mergeDefinitions (option.loc ++ [ name ]) option.type.nestedTypes.elemType definitions; in
        { value = merged.mergedValue; inherit (merged.defsFinal') highestPrio; })
      (definitionsByName option.loc
        (concatMap (d: layersOf d.file d.value) option.definitionsWithLocations));

  # A module in a file that needs more than module arguments, or that is data.
  importApply = file: argument: setDefaultModuleLocation file (import file argument);
  importJSON = file: { _file = file; config = lib.importJSON file; };
  importTOML = file: { _file = file; config = lib.importTOML file; };
}
