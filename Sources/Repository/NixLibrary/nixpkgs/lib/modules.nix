# The module system: many modules declare options and define them; here they become one configuration.
#
# A module in canonical form is { file; key; disabled; imports; options; config; }.
# A definition is { file; value; set; name; }: the value of `name` in `set`, by which its place is found.
# A declaration tree maps a name to { option; } or { children; }.
{ lib }:
let
  inherit (builtins)
    addErrorContext all any attrNames concatLists concatMap elem filter foldl' genericClosure hasAttr head
    isAttrs isBool isFunction isList isString length listToAttrs map mapAttrs removeAttrs seq sort zipAttrsWith
    ;
  inherit (lib.attrsets) recursiveUpdate setAttrByPath getAttrFromPath hasAttrByPath mapAttrsToList;
  inherit (lib.lists) imap1 last reverseList optional;
  inherit (lib.options) isOption showOption showDefs nearestNames;
  inherit (lib) types;

  # The mark that mkIf and its kind leave on a value; "" on any other.
  markOf = value: if isAttrs value then value._type or "" else "";

  # ---- Properties ----

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkAssert = assertion: message: mkIf (if assertion then true else throw "failed assertion: ${message}");

  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;

  # A set of definitions without the properties around it: a list of sets with the properties on their attributes.
  pushDown = set:
    let mark = markOf set; in
    if mark == "" then [ set ]
    else if mark == "merge" then concatMap pushDown set.contents
    else if mark == "if" then map (mapAttrs (_: mkIf set.condition)) (pushDown set.content)
    else if mark == "override" then map (mapAttrs (_: mkOverride set.priority)) (pushDown set.content)
    else if mark == "order" then map (mapAttrs (_: mkOrder set.priority)) (pushDown set.content)
    else [ set ];

  # A value without mkMerge and mkIf around it: the list of what remains.
  discharge = value:
    let mark = markOf value; in
    if mark == "merge" then concatMap discharge value.contents
    else if mark == "if" then
      if !isBool value.condition then
        throw "‘mkIf’ called with a condition that is not a Boolean"
      else if value.condition then discharge value.content else [ ]
    else [ value ];

  # Definitions without any property: only those of the best priority, in their order.
  dischargeDefinitions = definitions:
    if all (d: markOf d.value == "") definitions then
      { priority = defaultOverridePriority; inherit definitions; }
    else
      let
        plain = concatMap (d: map (value: d // { inherit value; }) (discharge d.value)) definitions;
        priorityOf = d: if markOf d.value == "override" then d.value.priority else defaultOverridePriority;
        priority = foldl' (best: d: let p = priorityOf d; in if p < best then p else best) 9999 plain;
        winners = filter (d: priorityOf d == priority) plain;
        uncovered = concatMap
          (d:
            if markOf d.value == "override"
            then map (value: d // { inherit value; }) (discharge d.value.content)
            else [ d ])
          winners;
      in
      { inherit priority; definitions = inOrder uncovered; };

  # What mkBefore and mkAfter ask for; else the order stays.
  inOrder = definitions:
    if any (d: markOf d.value == "order") definitions then
      sort (a: b: a.order < b.order) (map
        (d:
          if markOf d.value == "order"
          then d // { value = d.value.content; order = d.value.priority; }
          else d // { order = defaultOrderPriority; })
        definitions)
    else definitions;

  # ---- One option ----

  # The value that a type makes of definitions.
  mergeDefinitions = loc: type: definitions:
    let
      discharged = dischargeDefinitions definitions;
      final = discharged.definitions;
      isDefined = final != [ ];
      mergedValue =
        if !isDefined then
          throw "The option `${showOption loc}' was accessed but has no value defined. Try setting the option."
        else if all (d: type.check d.value) final then type.merge loc final
        else
          throw (
            "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:"
            + showDefs (filter (d: !type.check d.value) final)
          );
    in
    {
      inherit isDefined mergedValue;
      defsFinal = final;
      defsFinal' = { highestPrio = discharged.priority; values = final; };
      optionalValue = if isDefined then { value = mergedValue; } else { };
    };

  # Many declarations of one option as one.
  mergeDeclarations = loc: declarations:
    let
      merged = foldl'
        (sum: d:
          let
            option = d.options;
            both = name: hasAttr name option && hasAttr name sum;
            type =
              if !both "type" then { }
              else
                let mergedType = sum.type.typeMerge option.type.functor; in
                if mergedType == null then conflict sum d else { type = mergedType; };
          in
          if both "default" || both "example" || both "description" || both "apply" then conflict sum d
          else sum // option // type // { declarations = sum.declarations ++ [ d.file ]; })
        { declarations = [ ]; }
        declarations;
      conflict = sum: d:
        throw "The option `${showOption loc}' in `${d.file}' is already declared in ${
          lib.concatMapStringsSep " and " (f: "`${f}'") sum.declarations}.";
      only = (head declarations).options // { declarations = [ (head declarations).file ]; };
      result = if length declarations == 1 then only else merged;
    in
    if result ? type then
      # Options that a submodule of this option declares are declared where the option is.
      let modules = result.type.getSubModules or null; in
      if modules == null || length declarations == 1 then result
      else result // { type = result.type.substSubModules modules; }
    else result // { type = types.unspecified; };

  # An option with its value: what `options` shows of it.
  evalOption = loc: declaration: definitions:
    let
      inherit (declaration) type;
      fromDefault =
        optional (declaration ? default) {
          file = head declaration.declarations;
          value = mkOptionDefault declaration.default;
        };
      merged =
        if declaration.readOnly or false && length definitions > 1 then
          throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs definitions}"
        else if definitions == [ ] && declaration ? default && markOf declaration.default == "" then
          mergeDefinitions loc type [ (head fromDefault // { value = declaration.default; }) ]
        else mergeDefinitions loc type (fromDefault ++ definitions);
      value = if declaration ? apply then declaration.apply merged.mergedValue else merged.mergedValue;
    in
    declaration // {
      _type = "option";
      inherit loc;
      inherit (merged) isDefined;
      value = addErrorContext "while evaluating the option `${showOption loc}':" value;
      definitions = map (d: d.value) merged.defsFinal;
      definitionsWithLocations = merged.defsFinal;
      files = map (d: d.file) merged.defsFinal;
      highestPrio =
        if definitions == [ ] && declaration ? default then 1500 else merged.defsFinal'.highestPrio;
      isSet = definitions != [ ];
    };

  # ---- Trees ----

  # The declarations of many modules, each { file; options; }, as one tree.
  declarationTree = loc: modules:
    zipAttrsWith
      (name: declarations:
        let
          here = loc ++ [ name ];
          options = filter (d: isOption d.options) declarations;
          stranger = head (filter (d: !isOption d.options) declarations);
        in
        if options == [ ] then { children = declarationTree here declarations; }
        else if length options == length declarations then { option = mergeDeclarations here options; }
        else
          throw "The option `${showOption here}' in `${(head options).file}' is a prefix of options in `${stranger.file}'.")
      (map (m: mapAttrs (_: options: { inherit (m) file; inherit options; }) m.options) modules);

  # A tree with its definitions: { values; options; unmatched; }.
  evalTree = open: loc: tree: definitions:
    let
      byName = definitionsByName definitions;
      results = mapAttrs
        (name: node:
          let
            here = loc ++ [ name ];
            found = byName.${name} or [ ];
          in
          if node ? option then
            let option = evalOption here node.option found; in
            { inherit (option) value; options = option; unmatched = [ ]; }
          else
            let inner = evalTree open here node.children (concatMap pushDownDefinition found); in
            { value = inner.values; inherit (inner) options unmatched; })
        tree;
      strangers = removeAttrs byName (attrNames tree);
    in
    {
      values = open loc (mapAttrs (_: r: r.value) results) strangers;
      options = mapAttrs (_: r: r.options) results;
      unmatched =
        concatLists (mapAttrsToList (name: map (d: d // { prefix = loc ++ [ name ]; siblings = attrNames tree; })) strangers)
        ++ concatLists (mapAttrsToList (name: node: if node ? option then [ ] else results.${name}.unmatched) tree);
    };

  pushDownDefinition = d: map (value: d // { inherit value; }) (pushDown d.value);

  # The definitions of each name in the sets that are defined.
  definitionsByName = definitions:
    zipAttrsWith (_: found: found)
      (map
        (d:
          if isAttrs d.value then
            mapAttrs (name: value: { inherit (d) file; inherit value name; set = d.value; }) d.value
          else
            throw "Expected a set of options, but got ${builtins.typeOf d.value}. Definition values:${showDefs [ d ]}")
        definitions);

  # ---- Modules ----

  # The attributes beside `config` and `options` that a module may have.
  moduleAttributes = [
    "_class" "_file" "config" "disabledModules" "freeformType" "imports" "key" "meta" "options" "require"
  ];

  canonical = file: key: m:
    let
      isLong = m ? config || m ? options;
      strangers = removeAttrs m moduleAttributes;
      config = if isLong then m.config or { } else removeAttrs m moduleAttributes;
      withMeta = if m ? meta then mkMerge [ config { inherit (m) meta; } ] else config;
    in
    if !isAttrs m then
      throw "module ${key} (${file}) does not look like a module."
    else if isLong && strangers != { } then
      throw "Module `${key}' has an unsupported attribute `${head (attrNames strangers)}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString (attrNames strangers)}) into the explicit `config' attribute."
    else {
      file = toString m._file or file;
      key = toString m.key or key;
      disabled = m.disabledModules or [ ];
      imports = m.require or [ ] ++ m.imports or [ ];
      options = m.options or { };
      config =
        if m ? freeformType
        then mkMerge [ withMeta { _module.freeformType = m.freeformType; } ]
        else withMeta;
    };

  # A function with the arguments that it names, which may come from `_module.args`; their values stay lazy.
  applied = key: f: args:
    if !lib.isFunction f then f
    else
      f (args // mapAttrs
        (name: _:
          addErrorContext "while evaluating the module argument `${name}' in \"${key}\":"
            (args.${name} or args.config._module.args.${name}))
        (lib.functionArgs f));

  # A module as its author wrote it, in canonical form.
  loaded = args: file: key: m:
    let mark = markOf m; in
    if mark == "if" || mark == "merge" || mark == "override" then
      canonical file key { config = m; }
    else if mark != "" then
      throw "Could not load a value as a module, because it is of type \"${mark}\", in file ${file}."
    else if isAttrs m && !(m ? __functor) then canonical file key m
    else if lib.isFunction m then canonical file key (applied key m args)
    else if isList m then
      throw "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions:${showDefs [ { inherit file; value = m; } ]}"
    else
      let path = toString m; in
      canonical path path (applied path (import m) args);

  # All modules that the given ones import, each once, in the order in which their definitions count.
  collect = args: modules:
    let
      enter = file: key: imap1 (n: m:
        let module = loaded args file "${key}:anon-${toString n}" m; in
        { inherit (module) key; inherit module; children = enter module.file module.key module.imports; });
      start = enter "<unknown-file>" "" modules;
      keyOf = m:
        if isAttrs m then m.key or (throw "disabledModules: the module has no `key' by which to disable it")
        else if isString m && builtins.substring 0 1 m != "/" then "${toString (args.modulesPath or "")}/${m}"
        else toString m;
      # Modules may import each other in circles.
      closure = keep: genericClosure {
        startSet = filter keep start;
        operator = item: filter keep item.children;
      };
      everything = closure (_: true);
      disabled = map keyOf (concatMap (item: item.module.disabled) everything);
    in
    reverseList (map (item: item.module)
      (if disabled == [ ] then everything else closure (item: !elem item.key disabled)));

  # The options by which modules steer the module system itself, the same in every evaluation.
  ownTree = declarationTree [ ] [
    {
      file = "lib/modules.nix";
      options._module = {
        args = lib.mkOption {
          type = types.lazyAttrsOf types.raw;
          default = { };
          internal = true;
          description = "Arguments passed to each module.";
        };
        check = lib.mkOption {
          type = types.bool;
          default = true;
          internal = true;
          description = "Whether every definition must have an option.";
        };
        freeformType = lib.mkOption {
          type = types.nullOr types.optionType;
          default = null;
          internal = true;
          description = "The type of what is defined and has no option; null if that is an error.";
        };
      };
    }
  ];

  # What modules make: { options; config; _module; unmatched; type; extendModules; }.
  #
  # `open` is given the path of each set of values, the set, and the definitions in it that have no option; what it
  # returns stands for the set.
  evalModules = arguments@{ modules, prefix ? [ ], specialArgs ? { }, args ? { }, check ? true, class ? null, open ? (_: values: _: values) }:
    let
      collected = collect ({ inherit lib config options; _class = class; } // args // specialArgs) modules;
      tree = declarationTree prefix (filter (m: m.options != { }) collected) // ownTree;
      root = evalTree open prefix tree
        (concatMap (m: map (value: { inherit (m) file; inherit value; }) (pushDown m.config)) collected);
      inherit (root) options unmatched;
      freeformType = root.values._module.freeformType;
      freeform =
        if unmatched == [ ] then { }
        else freeformType.merge prefix (map
          (d: { inherit (d) file; value = setAttrByPath (lib.drop (length prefix) d.prefix) d.value; })
          unmatched);
      config =
        let declared = root.values // { _module = root.values._module // { args = args // root.values._module.args; }; };
        in if freeformType == null then declared else updateFreely freeform declared options;
      unchecked = freeformType != null || unmatched == [ ] || !check || !root.values._module.check;
    in
    {
      inherit options unmatched class;
      inherit (config) _module;
      config =
        if unchecked then removeAttrs config [ "_module" ] else throw (unknownOption prefix (attrNames tree) (head unmatched));
      type = types.submoduleWith { inherit modules specialArgs class; };
      extendModules = { modules ? [ ], specialArgs ? { }, prefix ? arguments.prefix or [ ] }:
        evalModules (arguments // {
          modules = arguments.modules ++ modules;
          specialArgs = arguments.specialArgs or { } // specialArgs;
          inherit prefix;
        });
    };

  # Free definitions below what is declared; an option's value is never entered.
  updateFreely = free: declared: options:
    free // mapAttrs
      (name: value:
        if free ? ${name} && !isOption options.${name} && isAttrs free.${name}
        then updateFreely free.${name} value options.${name}
        else value)
      declared;

  unknownOption = prefix: names: definition:
    let near = nearestNames (last definition.prefix) definition.siblings; in
    "The option `${showOption definition.prefix}' does not exist."
    + (if near == [ ] then "" else " Did you mean ${lib.concatMapStringsSep " or " (n: "`${n}'") near}?")
    + " Definition values:${showDefs [ definition ]}"
    + (if names != [ "_module" ] then "" else
      "\n\nThere are no options declared in `${showOption prefix}': options are declared under `options', not under `config'.");

  # ---- Modules that stand for others ----

  setDefaultModuleLocation = file: m: { _file = file; imports = [ m ]; };

  doRename = { from, to, visible, warn, use, withPriority ? true, condition ? true }:
    { config, options, ... }:
    let
      source = getAttrFromPath from options;
      target = hasAttrByPath to options;
      typeOf = (getAttrFromPath to options).type or types.unspecified;
    in
    {
      options = setAttrByPath from (lib.mkOption {
        inherit visible;
        description = "Alias of `${showOption to}'.";
        type = typeOf;
        apply = value: use (if target then getAttrFromPath to config else value);
      });
      config = mkIf condition (mkMerge [
        (setAttrByPath [ "warnings" ] (mkIf (warn && source.isDefined) [
          "The option `${showOption from}' defined in ${lib.options.showFiles source.files} has been renamed to `${showOption to}'."
        ]))
        (setAttrByPath to (mkIf source.isDefined (
          if withPriority then mkOverride source.highestPrio (mkMerge source.definitions) else mkMerge source.definitions)))
      ]);
    };

  mkOptionDefault = mkOverride 1500;
in
{
  inherit
    mkIf mkMerge mkOverride mkOrder mkAssert mkOptionDefault
    defaultOverridePriority defaultOrderPriority
    mergeDefinitions evalModules setDefaultModuleLocation doRename unknownOption
    ;

  pushDownProperties = pushDown;
  dischargeProperties = discharge;
  filterOverrides = definitions: (dischargeDefinitions definitions).definitions;
  sortProperties = inOrder;
  evalOptionValue = loc: declaration: evalOption loc ({ declarations = [ "<unknown-file>" ]; } // declaration);
  defaultPriority = defaultOverridePriority;

  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  # An option's own definitions as a definition of another.
  mkAliasDefinitions = option: mkIf (option.isDefined or true) (mkMerge option.definitions);
  mkAliasAndWrapDefinitions = wrap: option: mkIf (option.isDefined or true) (wrap (mkMerge option.definitions));
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or 100) (f option.value);
  fixMergeModules = modules: args: lib.fix (self: evalModules { inherit modules args; });

  mkRemovedOptionModule = path: replacement: { options, ... }:
    let option = getAttrFromPath path options; in
    {
      options = setAttrByPath path (lib.mkOption {
        visible = false;
        description = "An option that was removed.";
        apply = _: throw "The option `${showOption path}' can no longer be used since it's been removed. ${replacement}";
      });
      config.assertions = [
        {
          assertion = !option.isDefined;
          message = "The option definition `${showOption path}' in ${lib.options.showFiles option.files} no longer has any effect; please remove it.\n${replacement}";
        }
      ];
    };

  mkRenamedOptionModule = from: to: doRename {
    inherit from to;
    visible = false;
    warn = true;
    use = value: value;
  };
  mkRenamedOptionModuleWith = { from, to, sinceRelease ? 0 }: doRename {
    inherit from to;
    visible = false;
    warn = true;
    use = value: value;
  };
  mkAliasOptionModule = from: to: doRename {
    inherit from to;
    visible = true;
    warn = false;
    use = value: value;
  };

  # Options that are no more and whose values together make another's.
  mkMergedOptionModule = from: to: mergeThem: { config, options, ... }:
    let set = filter (path: (getAttrFromPath path options).isDefined) from; in
    {
      options = foldl' recursiveUpdate { } (map
        (path: setAttrByPath path (lib.mkOption {
          visible = false;
          type = types.unspecified;
          default = "_mkMergedOptionModule";
        }))
        from);
      config = mkMerge [
        {
          warnings = filter (text: text != "") (map
            (path:
              if getAttrFromPath path config == "_mkMergedOptionModule" then ""
              else "The option `${showOption path}' has been changed to `${showOption to}' that has a different type. Please read `${showOption to}' documentation and update your configuration accordingly.")
            set);
        }
        (setAttrByPath to (mkIf
          (any (path: getAttrFromPath path config != "_mkMergedOptionModule") from)
          (mergeThem config)))
      ];
    };
  mkChangedOptionModule = from: to: change: { config, options, ... }:
    let option = getAttrFromPath from options; in
    {
      options = setAttrByPath from (lib.mkOption { visible = false; type = types.unspecified; });
      config = mkMerge [
        {
          warnings = optional option.isDefined
            "The option `${showOption from}' has been changed to `${showOption to}' that has a different type.";
        }
        (setAttrByPath to (mkIf option.isDefined (change config)))
      ];
    };
}
