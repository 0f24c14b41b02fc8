# The types of options: what they accept, and how several definitions become one value.
#
# A type is { name; description; check; merge; … }; `merge loc definitions` is given the definitions that
# count, each { file; value; }, which `check` has accepted.
{ lib }:
let
  inherit (builtins)
    all any attrNames concatLists concatMap concatStringsSep elem filter foldl' head isAttrs isBool isFloat isFunction
    isInt isList isPath isString length listToAttrs map mapAttrs match substring tail typeOf zipAttrsWith
    ;
  inherit (lib.attrsets) filterAttrs isDerivation mapAttrsToList;
  inherit (lib.lists) imap1 last optional;
  inherit (lib.modules) mergeDefinitions pushDownProperties evalModules;
  inherit (lib.options) getValues mergeDefaultOption mergeEqualOption mergeOneOption mergeUniqueOption showDefs showOption;
  inherit (lib.strings) hasPrefix hasSuffix isStringLike;

  isType = name: value: isAttrs value && value._type or "" == name;
  setType = name: value: value // { _type = name; };
  isOptionType = isType "option-type";

  # How a type is joined with another declaration's of the same name; null if they do not fit together.
  defaultTypeMerge = f: g:
    let
      wrapped = if f.wrapped == null || g.wrapped == null then null else f.wrapped.typeMerge g.wrapped.functor;
      payload = if f.payload == null || g.payload == null then null else f.binOp f.payload g.payload;
    in
    if f.name != g.name then null
    else if f.wrapped != null || g.wrapped != null then (if wrapped == null then null else f.type wrapped)
    else if f.payload != null || g.payload != null then (if payload == null then null else f.type payload)
    else f.type;

  defaultFunctor = name: {
    inherit name;
    type = types.${name} or null;
    wrapped = null;
    payload = null;
    binOp = a: b: null;
  };

  mkOptionType =
    { name
    , description ? null
    , descriptionClass ? null
    , check ? (_: true)
    , merge ? mergeDefaultOption
    , emptyValue ? { }
    , getSubOptions ? (_: { })
    , getSubModules ? null
    , substSubModules ? (_: null)
    , typeMerge ? defaultTypeMerge functor
    , functor ? defaultFunctor name
    , deprecationMessage ? null
    , nestedTypes ? { }
    }: {
      _type = "option-type";
      description = if description == null then name else description;
      inherit
        name descriptionClass check merge emptyValue getSubOptions getSubModules substSubModules typeMerge functor
        deprecationMessage nestedTypes
        ;
    };

  # A type's description inside another's: in brackets unless it is one noun, or a phrase where one may stand.
  phrase = mayStand: type:
    if elem (type.descriptionClass or null) ([ "noun" ] ++ mayStand) then type.description else "(${type.description})";

  # A type whose values are compared: one definition, or several that are equal.
  simple = name: description: check: mkOptionType {
    inherit name description check;
    descriptionClass = "noun";
    merge = mergeEqualOption;
  };

  # A type made of one other.
  wrapping = name: elemType: make: attributes: mkOptionType (attributes // {
    inherit name;
    getSubModules = elemType.getSubModules;
    substSubModules = modules: make (elemType.substSubModules modules);
    functor = defaultFunctor name // { wrapped = elemType; type = make; };
    nestedTypes.elemType = elemType;
  });

  addCheck = type: check: type // { check = value: type.check value && check value; };

  # ---- Numbers ----

  between = low: high:
    if low > high then throw "ints.between: lowest must be smaller than highest"
    else addCheck types.int (n: n >= low && n <= high) // {
      name = "intBetween";
      description = "integer between ${toString low} and ${toString high} (both inclusive)";
      descriptionClass = "composite";
    };
  sized = bits: signed:
    let
      range = foldl' (n: _: n * 2) 1 (lib.lists.range 1 bits);
      low = if signed then 0 - range / 2 else 0;
      high = if signed then range / 2 - 1 else range - 1;
    in
    between low high // {
      name = "${if signed then "signed" else "unsigned"}Int${toString bits}";
      description = "${toString bits} bit ${if signed then "signed" else "unsigned"} integer; between ${toString low} and ${toString high} (both inclusive)";
    };
  numeric = base: {
    between = low: high: addCheck base (n: n >= low && n <= high) // {
      name = "numberBetween";
      description = "${base.description} between ${toString low} and ${toString high} (both inclusive)";
      descriptionClass = "composite";
    };
    nonnegative = addCheck base (n: n >= 0) // {
      name = "numberNonnegative";
      description = "nonnegative ${base.description}, meaning >=0";
      descriptionClass = "nonRestrictiveClause";
    };
    positive = addCheck base (n: n > 0) // {
      name = "numberPositive";
      description = "positive ${base.description}, meaning >0";
      descriptionClass = "nonRestrictiveClause";
    };
  };

  # ---- Sets ----

  # The values of a set's attributes, each merged by the type.
  mergeAttributes = { elemType, isLazy }: loc: definitions:
    let
      merged = zipAttrsWith
        (name: found: mergeDefinitions (loc ++ [ name ]) elemType found)
        (concatMap
          (d: map
            (set: mapAttrs (name: value: { inherit (d) file; inherit set name value; }) set)
            (pushDownProperties d.value))
          definitions);
    in
    if isLazy then
      mapAttrs
        (_: m: if m.isDefined then m.mergedValue else elemType.emptyValue.value or m.mergedValue)
        merged
    else mapAttrs (_: m: m.mergedValue) (filterAttrs (_: m: m.isDefined) merged);

  attrsWith = { elemType, lazy ? false, placeholder ? "name" }:
    wrapping (if lazy then "lazyAttrsOf" else "attrsOf") elemType
      (elemType: attrsWith { inherit elemType lazy placeholder; })
      {
        description = "${if lazy then "lazy attribute set" else "attribute set"} of ${phrase [ "composite" ] elemType}";
        descriptionClass = "composite";
        check = isAttrs;
        merge = mergeAttributes { inherit elemType; isLazy = lazy; };
        emptyValue.value = { };
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
      };

  # ---- Submodules ----

  submoduleWith =
    arguments@{ modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, description ? null, class ? null }:
    let
      moduleOf = d:
        if isAttrs d.value && shorthandOnlyDefinesConfig
        then { _file = d.file; config = d.value; }
        else { _file = d.file; imports = [ d.value ]; };
      evaluation = name: loc: more: evalModules {
        inherit specialArgs class;
        modules = modules ++ more;
        prefix = loc;
        args = { inherit name; };
      };
      # Option declarations do not depend on the name, as far as documentation goes.
      documented = prefix: evaluation "‹name›" prefix [ { _module.check = false; } ];
      freeform = (evaluation "‹name›" [ ] [ ])._module.freeformType;
    in
    mkOptionType {
      name = "submodule";
      description = if description != null then description else freeform.description or "submodule";
      descriptionClass = "noun";
      check = value: isAttrs value || isFunction value || types.path.check value;
      merge = loc: definitions: (evaluation (last loc) loc (map moduleOf definitions)).config;
      emptyValue.value = { };
      getSubOptions = prefix:
        let result = documented prefix; in
        removeAttrs result.options [ "_module" ]
        // lib.optionalAttrs (result._module.freeformType != null) {
          _freeformOptions = result._module.freeformType.getSubOptions prefix;
        };
      getSubModules = modules;
      substSubModules = modules: submoduleWith (arguments // { inherit modules; });
      nestedTypes = lib.optionalAttrs (freeform != null) { freeformType = freeform; };
      functor = defaultFunctor "submodule" // {
        type = submoduleWith;
        payload = { inherit modules specialArgs shorthandOnlyDefinesConfig description class; };
        binOp = a: b: b // {
          modules = a.modules ++ b.modules;
          specialArgs = a.specialArgs // b.specialArgs;
          description = if a.description == null then b.description else a.description;
        };
      };
    }
    // {
      # The options of the submodule that definitions make.
      optionsOf = loc: definitions: (evaluation (last loc) loc (map moduleOf definitions)).options;
    };

  # ---- Choices ----

  either = one: other: mkOptionType {
    name = "either";
    description = "${phrase [ "conjunction" ] one} or ${phrase [ "composite" "conjunction" ] other}";
    descriptionClass = "conjunction";
    check = value: one.check value || other.check value;
    merge = loc: definitions:
      let values = getValues definitions; in
      if all one.check values then one.merge loc definitions
      else if all other.check values then other.merge loc definitions
      else mergeOneOption loc definitions;
    typeMerge = functor:
      let
        left = one.typeMerge (head functor.wrapped).functor;
        right = other.typeMerge (last functor.wrapped).functor;
      in
      if functor.name == "either" && left != null && right != null then either left right else null;
    functor = defaultFunctor "either" // { wrapped = [ one other ]; };
    nestedTypes = { left = one; right = other; };
  };

  types = {
    inherit
      isType setType isOptionType mkOptionType defaultTypeMerge defaultFunctor addCheck attrsWith submoduleWith either
      ;
    inherit types;

    # ---- Anything ----

    raw = mkOptionType {
      name = "raw";
      description = "raw value";
      descriptionClass = "noun";
      merge = mergeOneOption;
    };
    unspecified = mkOptionType {
      name = "unspecified";
      description = "unspecified value";
      descriptionClass = "noun";
    };
    # Whatever agrees: sets are merged by name, functions by result, all else must be equal.
    anything = mkOptionType {
      name = "anything";
      description = "anything";
      descriptionClass = "noun";
      merge = loc: definitions:
        let
          kindOf = value: if isAttrs value && isStringLike value then "stringCoercibleSet" else typeOf value;
          kinds = lib.unique (map (d: kindOf d.value) definitions);
          kind = head kinds;
        in
        if length kinds > 1 then mergeEqualOption loc definitions
        else if kind == "set" then (types.lazyAttrsOf types.anything).merge loc definitions
        else if kind == "list" && length definitions > 1 then mergeEqualOption loc definitions
        else if kind == "lambda" && length definitions > 1 then
          x: types.anything.merge loc (map (d: d // { value = d.value x; }) definitions)
        else mergeEqualOption loc definitions;
    };
    # An option type itself.
    optionType = mkOptionType {
      name = "optionType";
      description = "optionType";
      descriptionClass = "noun";
      check = isOptionType;
      merge = loc: definitions:
        foldl'
          (sum: d:
            let merged = sum.typeMerge d.value.functor; in
            if merged == null then
              throw "The option `${showOption loc}' has types that cannot be merged. Definition values:${showDefs definitions}"
            else merged)
          (head definitions).value
          (tail definitions);
    };

    # ---- Plain values ----

    bool = simple "bool" "boolean" isBool;
    boolByOr = mkOptionType {
      name = "boolByOr";
      description = "boolean (merged using or)";
      descriptionClass = "noun";
      check = isBool;
      merge = _: definitions: any (d: d.value) definitions;
    };
    int = simple "int" "signed integer" isInt;
    float = simple "float" "floating point number" isFloat;
    number = either types.int types.float;
    numbers = numeric types.number;
    ints = {
      inherit between;
      unsigned = addCheck types.int (n: n >= 0) // {
        name = "unsignedInt";
        description = "unsigned integer, meaning >=0";
        descriptionClass = "nonRestrictiveClause";
      };
      positive = addCheck types.int (n: n > 0) // {
        name = "positiveInt";
        description = "positive integer, meaning >0";
        descriptionClass = "nonRestrictiveClause";
      };
      u8 = sized 8 false;
      u16 = sized 16 false;
      u32 = sized 32 false;
      s8 = sized 8 true;
      s16 = sized 16 true;
      s32 = sized 32 true;
    };
    port = types.ints.u16;

    str = simple "str" "string" isString;
    string = types.separatedString "";
    nonEmptyStr = addCheck types.str (text: match "[ \t\n]*" text == null) // {
      name = "nonEmptyStr";
      description = "non-empty string";
    };
    singleLineStr = types.strMatching "[^\n\r]*\n?" // {
      name = "singleLineStr";
      description = "(optionally newline-terminated) single-line string";
      merge = loc: definitions: lib.removeSuffix "\n" (mergeEqualOption loc definitions);
    };
    strMatching = pattern: mkOptionType {
      name = "strMatching ${lib.strings.escapeNixString pattern}";
      description = "string matching the pattern ${pattern}";
      descriptionClass = "noun";
      check = value: types.str.check value && match pattern value != null;
      merge = mergeEqualOption;
      functor = defaultFunctor "strMatching" // { type = types.strMatching pattern; };
    };
    separatedString = separator: mkOptionType {
      name = "separatedString";
      description =
        if separator == "" then "Concatenated string" else "strings concatenated with ${builtins.toJSON separator}";
      descriptionClass = "noun";
      check = isString;
      merge = _: definitions: concatStringsSep separator (getValues definitions);
      functor = defaultFunctor "separatedString" // {
        payload = separator;
        type = types.separatedString;
        binOp = a: b: if a == b then a else null;
      };
    };
    lines = types.separatedString "\n";
    commas = types.separatedString ",";
    envVar = types.separatedString ":";
    passwdEntry = base: addCheck base (text: match ".*[:\n].*" text == null) // {
      name = "passwdEntry ${base.name}";
      description = "${base.description}, not containing newlines or colons";
    };

    # ---- Files and packages ----

    path = types.pathWith { absolute = true; };
    pathInStore = types.pathWith { inStore = true; };
    externalPath = types.pathWith { absolute = true; inStore = false; };
    pathWith = { inStore ? null, absolute ? null }: mkOptionType {
      name = "path";
      description =
        if inStore == true then "path in the Nix store"
        else "${if absolute == null then "" else if absolute then "absolute " else "relative "}path${
          if inStore == false then " not in the Nix store" else ""}";
      descriptionClass = "noun";
      check = value:
        isStringLike value
        && (absolute == null || absolute == hasPrefix "/" (toString value))
        && (inStore == null || inStore == hasPrefix builtins.storeDir (toString value));
      merge = mergeEqualOption;
      functor = defaultFunctor "path" // {
        type = types.pathWith;
        payload = { inherit inStore absolute; };
        binOp = a: b: if a == b then a else null;
      };
    };
    package = mkOptionType {
      name = "package";
      description = "package";
      descriptionClass = "noun";
      check = value: isDerivation value || (isStringLike value && !isAttrs value && hasPrefix "/" (toString value));
      merge = mergeOneOption;
    };
    shellPackage = types.package // { check = value: isDerivation value && value ? shellPath; };
    pkgs = addCheck (types.uniq types.attrs // { name = "pkgs"; description = "Nixpkgs package set"; })
      (value: value._type or null == "pkgs");

    # ---- Lists and sets ----

    listOf = elemType: wrapping "listOf" elemType types.listOf {
      description = "list of ${phrase [ "composite" ] elemType}";
      descriptionClass = "composite";
      check = isList;
      merge = loc: definitions:
        concatLists (imap1
          (n: d: concatLists (imap1
            (m: value:
              let
                merged = mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) elemType
                  [ { inherit (d) file; inherit value; } ];
              in
              optional merged.isDefined merged.mergedValue)
            d.value))
          definitions);
      emptyValue.value = [ ];
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
    };
    nonEmptyListOf = elemType: addCheck (types.listOf elemType) (list: list != [ ]) // {
      description = "non-empty ${(types.listOf elemType).description}";
      emptyValue = { };
    };
    attrs = mkOptionType {
      name = "attrs";
      description = "attribute set";
      descriptionClass = "noun";
      check = isAttrs;
      merge = _: definitions: foldl' (sum: d: sum // d.value) { } definitions;
      emptyValue.value = { };
    };
    attrsOf = elemType: attrsWith { inherit elemType; };
    lazyAttrsOf = elemType: attrsWith { inherit elemType; lazy = true; };
    loaOf = types.attrsOf;

    # ---- Submodules ----

    submodule = modules: submoduleWith {
      modules = lib.toList modules;
      shorthandOnlyDefinesConfig = true;
    };
    # A module that is kept for a later evaluation.
    deferredModule = types.deferredModuleWith { };
    deferredModuleWith = { staticModules ? [ ] }: mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = value: isAttrs value || isFunction value || types.path.check value;
      merge = loc: definitions: {
        imports = staticModules ++ map
          (d: lib.modules.setDefaultModuleLocation "${toString d.file}, via option ${showOption loc}" d.value)
          definitions;
      };
      getSubOptions = (types.submoduleWith { modules = staticModules; }).getSubOptions;
      getSubModules = staticModules;
      substSubModules = modules: types.deferredModuleWith { staticModules = modules; };
    };

    # ---- Choices ----

    nullOr = elemType: wrapping "nullOr" elemType types.nullOr {
      description = "null or ${phrase [ "conjunction" ] elemType}";
      descriptionClass = "conjunction";
      check = value: value == null || elemType.check value;
      merge = loc: definitions:
        let nulls = filter (d: d.value == null) definitions; in
        if nulls == [ ] then elemType.merge loc definitions
        else if length nulls == length definitions then null
        else throw "The option `${showOption loc}' is defined both null and not null. Definition values:${showDefs definitions}";
      emptyValue.value = null;
      getSubOptions = elemType.getSubOptions;
    };
    enum = values:
      let
        show = value:
          if isString value then ''"${value}"''
          else if isBool value then lib.boolToString value
          else if isInt value then toString value
          else "<${typeOf value}>";
      in
      mkOptionType {
        name = "enum";
        description =
          if values == [ ] then "impossible (empty enum)"
          else if length values == 1 then "value ${show (head values)} (singular enum)"
          else "one of ${lib.concatMapStringsSep ", " show values}";
        descriptionClass = if length values < 2 then "noun" else "conjunction";
        check = value: elem value values;
        merge = mergeEqualOption;
        functor = defaultFunctor "enum" // {
          payload = values;
          type = types.enum;
          binOp = a: b: lib.unique (a ++ b);
        };
      };
    oneOf = choices:
      if choices == [ ] then throw "types.oneOf needs to get at least one type in its argument"
      else foldl' either (head choices) (tail choices);
    # Values of one type that are turned into another.
    coercedTo = from: convert: to:
      let converted = value: if from.check value then convert value else value; in
      mkOptionType {
        name = "coercedTo";
        description = "${phrase [ "conjunction" ] to} or ${phrase [ "conjunction" ] from} convertible to it";
        check = value: (from.check value && to.check (convert value)) || to.check value;
        merge = loc: definitions: to.merge loc (map (d: d // { value = converted d.value; }) definitions);
        inherit (to) emptyValue getSubOptions getSubModules;
        substSubModules = modules: types.coercedTo from convert (to.substSubModules modules);
        typeMerge = _: null;
        functor = defaultFunctor "coercedTo" // { wrapped = to; };
        nestedTypes = { coercedType = from; finalType = to; };
      };
    # Exactly one of several named alternatives: { NAME = value; }.
    attrTag = tags:
      let
        names = attrNames tags;
        typeOf = name: if tags.${name} ? _type && tags.${name}._type == "option" then tags.${name}.type else tags.${name};
      in
      mkOptionType {
        name = "attrTag";
        description = "attribute-tagged union";
        descriptionClass = "noun";
        check = value: isAttrs value && length (attrNames value) == 1 && elem (head (attrNames value)) names;
        merge = loc: definitions:
          let name = head (attrNames (head definitions).value); in
          if all (d: attrNames d.value == [ name ]) definitions then {
            ${name} = (mergeDefinitions (loc ++ [ name ]) (typeOf name)
              (map (d: { inherit (d) file; value = d.value.${name}; }) definitions)).mergedValue;
          }
          else throw "The option `${showOption loc}' is defined with different tags. Definition values:${showDefs definitions}";
        getSubOptions = prefix: mapAttrs (name: tag: lib.mkOption { type = typeOf name; } // { loc = prefix ++ [ name ]; declarations = [ ]; }) tags;
      };
    functionTo = elemType: wrapping "functionTo" elemType types.functionTo {
      description = "function that evaluates to a(n) ${phrase [ "composite" ] elemType}";
      descriptionClass = "composite";
      check = lib.isFunction;
      merge = loc: definitions: argument:
        (mergeDefinitions (loc ++ [ "<function body>" ]) elemType
          (map (d: d // { value = d.value argument; }) definitions)).mergedValue;
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
    };
    uniq = types.unique { message = ""; };
    unique = { message }: type: wrapping "unique" type (types.unique { inherit message; }) {
      inherit (type) description descriptionClass check;
      merge = mergeUniqueOption { inherit message; inherit (type) merge; };
      inherit (type) emptyValue getSubOptions;
    };
  };
in
types
