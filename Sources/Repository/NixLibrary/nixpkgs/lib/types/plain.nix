# Types of values that hold no others: numbers, strings, paths, packages, and whatever is taken as it is.
{ lib, making }:
let
  inherit (builtins)
    any concatStringsSep foldl' hasContext isAttrs isBool isFloat isInt isPath isString length match storeDir substring
    toJSON typeOf
    ;
  inherit (lib.options) getFiles getValues mergeDefaultOption mergeOneOption showFiles showOption;
  inherit (lib.strings) escapeNixString hasInfix isStringLike isStorePath;
  inherit (making) addCheck defaultFunctor equal isOptionType makeType phrase simple;
  inherit (lib) isDerivation types;

  # One definition.
  one = { __functor = _: mergeOneOption; isIdentity = true; };

  # ---- Numbers ----

  limits = show: low: high: "between ${show low} and ${show high} (both inclusive)";

  between = low: high:
    assert lib.assertMsg (low <= high) "ints.between: lowest must be smaller than highest";
    addCheck types.int (n: n >= low && n <= high) // {
      name = "intBetween";
      description = "integer ${limits toString low high}";
    };

  sized = name: description: low: high: between low high // {
    inherit name;
    description = "${description}; ${limits toString low high}";
  };
  unsigned = bits: range: sized "unsignedInt${toString bits}" "${toString bits} bit unsigned integer" 0 (range - 1);
  signed = bits: range:
    sized "signedInt${toString bits}" "${toString bits} bit signed integer" (0 - range / 2) (range / 2 - 1);

  restricted = base: name: description: check: addCheck base check // {
    inherit name description;
    descriptionClass = "nonRestrictiveClause";
  };

  # ---- Strings ----

  joined = separator: makeType {
    name = "separatedString";
    description = "strings concatenated with ${toJSON separator}";
    descriptionClass = "noun";
    check = isString;
    merge = {
      __functor = _: _: definitions: concatStringsSep separator (getValues definitions);
      isIdentity = true;
    };
    functor = defaultFunctor "separatedString" // {
      payload.sep = separator;
      type = payload: joined payload.sep;
      binOp = a: b: if a.sep == b.sep then a else null;
    };
  };

  strMatching = pattern: makeType {
    name = "strMatching ${escapeNixString pattern}";
    description = "string matching the pattern ${pattern}";
    descriptionClass = "noun";
    check = value: isString value && match pattern value != null;
    merge = equal;
    functor = defaultFunctor "strMatching" // {
      payload = { inherit pattern; };
      type = payload: strMatching payload.pattern;
      binOp = a: b: if a == b then a else null;
    };
  };

  # ---- Files ----

  isInStore = value: match "${storeDir}/[0-9a-z]{32}-.*" (toString value) != null;

  pathWith = { inStore ? null, absolute ? null }:
    if inStore == true && absolute == false then throw "In pathWith, inStore means the path must be absolute"
    else makeType {
      name = "path";
      description =
        (if absolute == null then "" else if absolute then "absolute " else "relative ")
        + "path"
        + (if inStore == null then "" else if inStore then " in the Nix store" else " not in the Nix store");
      descriptionClass = "noun";
      check = value:
        # A path itself might be copied to the store later on.
        (if inStore == false then isString value else isStringLike value)
        && (inStore == null || inStore == isInStore value)
        && (absolute == null || absolute == (substring 0 1 (toString value) == "/"));
      merge = equal;
      functor = defaultFunctor "path" // {
        type = pathWith;
        payload = { inherit inStore absolute; };
        binOp = a: b: if a == b then a else null;
      };
    };

  # ---- Choices ----

  enum = values:
    let
      show = value:
        if isString value then ''"${value}"''
        else if isInt value then toString value
        else if isBool value then lib.boolToString value
        else "<${typeOf value}>";
    in
    makeType {
      name = "enum";
      description =
        if values == [ ] then "impossible (empty enum)"
        else if length values == 1 then "value ${show (builtins.head values)} (singular enum)"
        else "one of ${lib.concatMapStringsSep ", " show values}";
      descriptionClass = if length values < 2 then "noun" else "conjunction";
      check = value: builtins.elem value values;
      merge = equal;
      functor = defaultFunctor "enum" // {
        payload = { inherit values; };
        type = payload: enum payload.values;
        binOp = a: b: { values = lib.unique (a.values ++ b.values); };
      };
    };

  # ---- Anything ----

  # What definitions of a kind have in common; sets are merged by name, functions by result.
  mergeAnything = loc: definitions:
    let
      kindOf = value: if isAttrs value && isStringLike value then "stringCoercibleSet" else typeOf value;
      kind = foldl'
        (kind: d:
          if kindOf d.value == kind then kind
          else
            throw "The option `${showOption loc}' has conflicting option types in ${showFiles (getFiles definitions)}")
        (kindOf (builtins.head definitions).value)
        definitions;
      results = argument: map (d: { inherit (d) file; value = d.value argument; }) definitions;
    in
    if kind == "set" then (types.attrsOf types.anything).merge loc definitions
    else if kind == "stringCoercibleSet" then mergeOneOption loc definitions
    else if kind == "lambda" then argument: mergeAnything (loc ++ [ "<function body>" ]) (results argument)
    else equal loc definitions;
in
{
  inherit enum pathWith strMatching;

  raw = makeType {
    name = "raw";
    description = "raw value";
    descriptionClass = "noun";
    merge = one;
  };
  anything = makeType {
    name = "anything";
    description = "anything";
    descriptionClass = "noun";
    merge = mergeAnything;
  };
  unspecified = makeType {
    name = "unspecified";
    description = "unspecified value";
    descriptionClass = "noun";
    merge = { __functor = _: mergeDefaultOption; isIdentity = true; };
  };

  # An option type itself. Those of several definitions are merged as if each declared the option.
  optionType = makeType {
    name = "optionType";
    description = "optionType";
    descriptionClass = "noun";
    check = isOptionType;
    merge = loc: definitions:
      let
        declarations = map (d: { _file = d.file; pos = null; options = lib.mkOption { type = d.value; }; }) definitions;
      in
      if length definitions == 1 then (builtins.head definitions).value
      else (lib.modules.fixupOptionType loc (lib.modules.mergeOptionDecls loc declarations)).type;
  };

  bool = simple "bool" "boolean" isBool;
  boolByOr = makeType {
    name = "boolByOr";
    description = "boolean (merged using or)";
    descriptionClass = "noun";
    check = isBool;
    merge = _: any (d: d.value);
  };

  int = simple "int" "signed integer" isInt;
  float = simple "float" "floating point number" isFloat;
  ints = {
    inherit between;
    unsigned = restricted types.int "unsignedInt" "unsigned integer, meaning >=0" (n: n >= 0);
    positive = restricted types.int "positiveInt" "positive integer, meaning >0" (n: n > 0);
    u8 = unsigned 8 256;
    u16 = unsigned 16 65536;
    u32 = unsigned 32 4294967296;
    s8 = signed 8 256;
    s16 = signed 16 65536;
    s32 = signed 32 4294967296;
  };
  port = types.ints.u16;
  number = types.either types.int types.float;
  numbers =
    let text = "integer or floating point number"; in
    {
      between = low: high:
        assert lib.assertMsg (low <= high) "numbers.between: lowest must be smaller than highest";
        addCheck types.number (n: n >= low && n <= high) // {
          name = "numberBetween";
          description = "${text} ${limits toJSON low high}";
        };
      nonnegative = restricted types.number "numberNonnegative" "nonnegative ${text}, meaning >=0" (n: n >= 0);
      positive = restricted types.number "numberPositive" "positive ${text}, meaning >0" (n: n > 0);
    };

  str = simple "str" "string" isString;
  nonEmptyStr = simple "nonEmptyStr" "non-empty string" (value: isString value && match "[ \t\n]*" value == null);
  singleLineStr =
    simple "singleLineStr" "(optionally newline-terminated) single-line string" (strMatching "[^\n\r]*\n?").check
    // { merge = loc: definitions: lib.removeSuffix "\n" (equal loc definitions); };
  separatedString = joined;
  lines = joined "\n";
  commas = joined ",";
  envVar = joined ":";
  string = lib.warn "The type `types.string` is deprecated: it joins strings without a word."
    (joined "" // { name = "string"; });
  passwdEntry = type:
    addCheck type (text: !(hasInfix ":" text || hasInfix "\n" text)) // {
      name = "passwdEntry ${type.name}";
      description = "${phrase [ "noun" ] type}, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
    };
  # What lib.mkLuaInline makes.
  luaInline = simple "luaInline" "inline lua" (value: value._type or null == "lua-inline");

  path = pathWith { absolute = true; };
  pathInStore = pathWith { inStore = true; };
  externalPath = pathWith { absolute = true; inStore = false; };

  # A derivation, or a path right below the store, which becomes one.
  package = makeType {
    name = "package";
    description = "package";
    descriptionClass = "noun";
    check = value: isDerivation value || isStorePath value;
    merge = loc: definitions:
      let value = mergeOneOption loc definitions; in
      if isPath value || isString value && !hasContext value then lib.toDerivation value else value;
  };
  shellPackage = types.package // { check = value: isDerivation value && value ? shellPath; };
  pkgs = addCheck
    (types.unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } types.attrs // {
      name = "pkgs";
      description = "Nixpkgs package set";
      descriptionClass = "noun";
    })
    (value: value._type or null == "pkgs");

  # A set as it is; of several, the later counts by name.
  attrs = makeType {
    name = "attrs";
    description = "attribute set";
    check = isAttrs;
    merge = {
      __functor = _: _: foldl' (sum: d: sum // d.value) { };
      isIdentity = true;
    };
    emptyValue.value = { };
  };
}
