# Modules as their authors write them: files, functions, sets; and which of them make up a configuration.
#
# In canonical form a module is { file; key; class; disabled; imports; options; config; isAlone; }, the last if there is
# nothing to find out about others. What loads one is given `evaluation`: { args; missing; class; }, the arguments that
# every module gets, a function from the name of another argument to its value, and the class that modules must be of
# (null for any).
{ lib }:
let
  inherit (builtins)
    addErrorContext attrNames concatMap elem filter genericClosure head intersectAttrs isAttrs isList isString map
    mapAttrs removeAttrs substring typeOf
    ;
  inherit (lib) functionArgs isFunction;
  inherit (lib.attrsets) genAttrs;
  inherit (lib.lists) imap1 reverseList;
  inherit (lib.modules) mkMerge;

  unknownFile = "<unknown-file>";

  # ---- Canonical form ----

  # The attributes of a module whose definitions stand in `config`, and of one that is its own `config`.
  longAttributes = [
    "_class" "_file" "config" "disabledModules" "freeformType" "imports" "key" "meta" "options"
  ];
  shortAttributes = {
    _class = null;
    _file = null;
    disabledModules = null;
    freeformType = null;
    imports = null;
    key = null;
    require = null;
  };

  plain = file: key: options: config: {
    inherit file key options config;
    isAlone = true;
    class = null;
    disabled = [ ];
    imports = [ ];
  };

  canonical = file: key: m:
    if m ? options || m ? config then
      if { } == removeAttrs m [ "options" "config" ] then plain file key (m.options or { }) (m.config or { })
      else canonicalLong file key m
    else if !isAttrs m then throw "module ${file} (${key}) does not look like a module."
    else if { } == intersectAttrs shortAttributes m then plain file key { } m
    else about file key m {
      imports = m.require or [ ] ++ m.imports or [ ];
      config = removeAttrs m (attrNames shortAttributes);
    };

  canonicalLong = file: key: m:
    let
      strangers = removeAttrs m longAttributes;
      config = m.config or { };
    in
    if { } == strangers then
      about file key m { config = if m ? meta then mkMerge [ config { inherit (m) meta; } ] else config; }
    else
      throw (
        "Module `${key}' has an unsupported attribute `${head (attrNames strangers)}'. This is caused by introducing "
        + "a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level "
        + "instead, or move all of them (namely: ${toString (attrNames strangers)}) into the explicit `config' attribute.");

  about = file: key: m: { config, imports ? m.imports or [ ] }: {
    inherit imports;
    isAlone = imports == [ ] && m.disabledModules or [ ] == [ ] && !(m ? key);
    file = toString (m._file or file);
    key = toString (m.key or key);
    class = m._class or null;
    disabled = m.disabledModules or [ ];
    options = m.options or { };
    config = if m ? freeformType then mkMerge [ config { _module.freeformType = m.freeformType; } ] else config;
  };

  # ---- Loading ----

  # What a function makes of its arguments. Those that it names beside the ones of every module may come from
  # `_module.args`, and stay lazy.
  applied = evaluation: key: f: others:
    let
      given = name: _:
        addErrorContext "while evaluating the module argument `${name}' in \"${key}\":" (evaluation.missing name);
    in
    f (if { } == others then evaluation.args else evaluation.args // mapAttrs given others);
  othersOf = args: f: removeAttrs (functionArgs f) (attrNames args);

  load = evaluation: file: key: m:
    if isAttrs m && !(m ? __functor) then checked evaluation (canonicalSet evaluation file key m)
    else if isFunction m then
      checked evaluation (canonical file key (applied evaluation key m (othersOf evaluation.args m)))
    else if isList m then
      throw (
        "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions: "
        + lib.options.showDefs [ { inherit file; value = m; } ])
    else
      let
        path = toString m;
        content = import m;
      in
      checked evaluation
        (canonical path path (
          if isFunction content then applied evaluation path content (othersOf evaluation.args content) else content));

  canonicalSet = evaluation: file: key: m:
    let mark = m._type or "module"; in
    if mark == "module" then canonical file key m
    else if mark == "if" || mark == "override" then canonical file key { config = m; }
    else throw (notAModule evaluation.class file mark);

  checked = evaluation: module:
    if evaluation.class == null || module.class == null || module.class == evaluation.class then module
    else throw "The module ${module.file} was imported into ${evaluation.class} instead of ${module.class}.";

  notAModule = class: file: mark:
    "Expected a module, but found a value of type \"${mark}\"${
      if file == unknownFile then "" else ", while trying to load a module into ${file}"}."
    + (if mark == "configuration" then
        "\n\nIf you really mean to import this configuration, import the modules that it is made of instead."
      else if mark == "flake" then
        "\n\nPerhaps you forgot to name the module: instead of a flake, import its "
        + (if class == "nixos" then "nixosModules" else "modules.${if class == null then "CLASS" else class}")
        + ".default."
      else "");

  # ---- All of them ----

  # Modules with what they import: { key; module; children; }.
  treeOf = evaluation: file: key: imap1 (n: m:
    let module = load evaluation file "${key}:anon-${toString n}" m; in
    { inherit (module) key; inherit module; children = treeOf evaluation module.file module.key module.imports; });

  # Whether an item of a tree is disabled by another.
  isDisabledIn = modulesPath: tree:
    let
      # Modules may import each other in circles: each is looked at once.
      all = genericClosure { startSet = tree; operator = item: item.children; };
      keyOf = file: m:
        if isString m then (if substring 0 1 m == "/" then m else "${toString modulesPath}/${m}")
        else if lib.isConvertibleWithToString m then
          if m ? key && m.key != toString m then
            throw (
              "Module `${file}` contains a disabledModules item that stands for ${toString m}, but has the `key` ${m.key}. "
              + "This makes it ambiguous which module should be disabled.")
          else toString m
        else if m ? key then m.key
        else if isAttrs m then
          throw (
            "Module `${file}` contains a disabledModules item that is an attribute set, presumably a module, "
            + "that does not have a `key` attribute by which to find the module that should be disabled.")
        else
          throw (
            "Each disabledModules item must be a path, string, or a attribute set with a key attribute. "
            + "One of those in `${file}` is of type ${typeOf m}.");
      keys = concatMap (item: map (keyOf item.module.file) item.module.disabled) all;
    in
    if keys == [ ] then (_: false) else (item: elem item.key keys);

  # The modules of a tree, each once: those that count first stand last.
  flattened = modulesPath: tree:
    let
      isDisabled = isDisabledIn modulesPath tree;
      kept = filter (item: !isDisabled item);
    in
    map (item: item.module) (genericClosure {
      startSet = kept tree;
      operator = item: kept item.children;
    });

  graphOf = modulesPath: tree:
    let
      isDisabled = isDisabledIn modulesPath tree;
      shown = map (item: {
        inherit (item) key;
        inherit (item.module) file;
        disabled = isDisabled item;
        imports = shown item.children;
      });
    in
    shown tree;

  # ---- Submodules ----

  # Many values are made by the same modules: here they are read as far as they can be without arguments, in the order
  # in which they count, functions unapplied: { isPlain; imported; top; }. Definitions stand between the last two. It
  # `isPlain` if definitions are sets of these and no modules, and none is disabled. An item is { module; } or
  # { function; others; file; key; }.
  prepare = { modules, class, specialArgs, shorthandOnlyDefinesConfig, ... }:
    let
      evaluation = { inherit class; args = { }; missing = null; };
      args = specialArgs // genAttrs [ "lib" "options" "config" "specialArgs" "_class" "_prefix" ] (_: null);
      item = file: level: key: m:
        if isFunction m then function file key level m
        else if isAttrs m || isList m then known level (load evaluation file key m)
        else
          let
            path = toString m;
            content = import m;
          in
          if isFunction content then function path path level content
          else known level (checked evaluation (canonical path path content));
      function = file: key: level: f: {
        inherit file key level;
        function = f;
        others = othersOf args f;
        children = [ ];
      };
      known = level: module: {
        module = (if isAttrs module.options then lib.modules.withConstants module else module) // { isAlone = true; };
        inherit level;
        inherit (module) key;
        children = below module.file (level + 1) module.key module.imports;
      };
      below = file: level: key: imap1 (n: item file level "${key}:anon-${toString n}");
      all = genericClosure {
        startSet = below unknownFile 1 "" modules;
        operator = item: item.children;
      };
      # What only imports others has done its part.
      says = item: !(item ? module) || { } != item.module.options || { } != item.module.config;
      at = isTop: reverseList (filter (item: (item.level == 1) == isTop && says item) all);
    in
    {
      isPlain = shorthandOnlyDefinesConfig == true
        && builtins.all (item: !(item ? module) || item.module.disabled == [ ]) all;
      top = at true;
      imported = at false;
    };

  # The module of a prepared item.
  read = evaluation: item:
    item.module or
      (checked evaluation (canonical item.file item.key (applied evaluation item.key item.function item.others)));
in
{
  inherit unknownFile treeOf flattened graphOf prepare read;
}
