# Types made of others: lists, sets, functions, choices.
{ lib, making }:
let
  inherit (builtins)
    all any attrNames attrValues concatLists elemAt filter foldl' genList head intersectAttrs isAttrs isList length
    map mapAttrs tail unsafeGetAttrPos zipAttrsWith
    ;
  inherit (lib.lists) imap1;
  inherit (lib.modules) mergeDefinitions mergeFinal;
  inherit (lib.options) mergeUniqueOption showDefs showOption showPlaces;
  inherit (lib.strings) escapeNixIdentifier escapeNixString;
  inherit (lib) isFunction types;
  inherit (making) defaults defaultFunctor defaultTypeMerge elemTypeFunctor makeType phrase;

  # What a type made of one other has of that one; `make` makes it of an element's type.
  around = { name, elemType, make }:
    let functor = elemTypeFunctor name { inherit elemType; } (payload: make payload.elemType); in
    defaults // {
      inherit name functor;
      inherit (elemType) getSubModules;
      substSubModules = modules: make (elemType.substSubModules modules);
      typeMerge = defaultTypeMerge functor;
      nestedTypes = { inherit elemType; };
    };

  isIdentity = type: type.merge.isIdentity or false;
  # Whether a merged value is the same whatever the option is called. Types may hold themselves, so that elements of
  # lists and sets are looked at no further than this.
  isUniform = type: type.merge.isUniform or (isIdentity type);

  # What newer merge functions answer: what is wrong with the definitions, their value, and what else is known.
  answer = check: merge: meta: { loc, defs }: {
    headError =
      if all (d: check d.value) defs then null
      else { message = "Definition values: ${showDefs (filter (d: !check d.value) defs)}"; };
    value = merge loc defs;
    valueMeta = meta loc defs;
  };

  # ---- Lists ----

  # What is made of the elements of the n-th definition, each an option of its own.
  entriesOf = elemType: loc: n: d:
    filter (entry: entry.isDefined) (imap1
      (m: value: mergeDefinitions (loc ++ [ (entryName n m) ]) elemType [ { inherit (d) file; inherit value; } ])
      d.value);
  entryName = n: m: "[definition ${toString n}-entry ${toString m}]";

  # Elements are checked and merged when they are used; only whether they are there is found out at once.
  mergeLists = elemType: loc: definitions:
    let
      isPlain = isIdentity elemType;
      merged = n: d:
        if any (value: value ? _type) d.value then map (entry: entry.mergedValue) (entriesOf elemType loc n d)
        else genList
          (index:
            let value = elemAt d.value index; in
            if isPlain && elemType.check value then value
            else mergeFinal (loc ++ [ (entryName n (index + 1)) ]) elemType [ { inherit (d) file; inherit value; } ])
          (length d.value);
    in
    if length definitions != 1 then concatLists (imap1 merged definitions)
    else if (head definitions).value == [ ] then [ ]
    else merged 1 (head definitions);

  listOf = elemType: around { name = "listOf"; inherit elemType; make = listOf; } // {
    description = "list of ${phrase [ "noun" "composite" ] elemType}";
    descriptionClass = "composite";
    check = isList;
    merge = {
      __functor = _: mergeLists elemType;
      isUniform = isIdentity elemType;
      v2 = answer isList (mergeLists elemType) (loc: definitions: {
        list = map (entry: entry.checkedAndMerged.valueMeta) (concatLists (imap1 (entriesOf elemType loc) definitions));
      });
    };
    emptyValue.value = [ ];
    getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
  };

  nonEmptyListOf = elemType:
    let list = making.addCheck (listOf elemType) (value: value != [ ]); in
    list // {
      description = "non-empty ${phrase [ "noun" ] list}";
      emptyValue = { };
      substSubModules = modules: nonEmptyListOf (elemType.substSubModules modules);
    };

  # ---- Sets ----

  # The definitions in a set, by name.
  definitionsIn = d:
    mapAttrs (name: value: { inherit (d) file; inherit name value; set = d.places or d.value; }) d.value;

  mergedByName = elemType: loc: definitions:
    zipAttrsWith (name: mergeDefinitions (loc ++ [ name ]) elemType) (map definitionsIn definitions);

  mergeSets = elemType: loc: definitions:
    let
      isPlain = isIdentity elemType;
      one = d: name: value:
        if isPlain && elemType.check value then value
        else mergeFinal (loc ++ [ name ]) elemType
          [ { inherit (d) file; inherit name value; set = d.places or d.value; } ];
    in
    if any (d: any (value: value ? _type) (attrValues d.value)) definitions then
      mapAttrs (_: m: m.mergedValue) (lib.filterAttrs (_: m: m.isDefined) (mergedByName elemType loc definitions))
    else if length definitions == 1 then mapAttrs (one (head definitions)) (head definitions).value
    else zipAttrsWith (name: mergeFinal (loc ++ [ name ]) elemType) (map definitionsIn definitions);

  # Nothing is found out of a value before it is used: what turns out to be undefined is empty, or an error then.
  mergeSetsLazily = elemType: loc: definitions:
    mapAttrs
      (_: m: if m.isDefined then m.mergedValue else elemType.emptyValue.value or m.mergedValue)
      (mergedByName elemType loc definitions);

  attrsWith = { elemType, lazy ? false, placeholder ? "name" }:
    let
      make = elemType: attrsWith { inherit elemType lazy placeholder; };
      merge = if lazy then mergeSetsLazily elemType else mergeSets elemType;
      functor = elemTypeFunctor "attrsWith" { inherit elemType lazy placeholder; } attrsWith // { binOp = joinedSets; };
    in
    around { name = if lazy then "lazyAttrsOf" else "attrsOf"; inherit elemType make; } // {
      description =
        "${if lazy then "lazy " else ""}attribute set of ${phrase [ "noun" "composite" ] elemType}";
      descriptionClass = "composite";
      check = isAttrs;
      merge = {
        __functor = _: merge;
        isUniform = isIdentity elemType;
        v2 = answer isAttrs merge (loc: definitions: {
          attrs = mapAttrs (_: m: m.checkedAndMerged.valueMeta)
            (lib.filterAttrs (_: m: lazy || m.isDefined) (mergedByName elemType loc definitions));
        });
      };
      emptyValue.value = { };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
      inherit functor;
      typeMerge = defaultTypeMerge functor;
    };

  joinedSets = a: b:
    let
      elemType = a.elemType.typeMerge b.elemType.functor;
      placeholder =
        if a.placeholder == b.placeholder || b.placeholder == "name" then a.placeholder
        else if a.placeholder == "name" then b.placeholder
        else null;
    in
    if elemType == null || a.lazy != b.lazy || placeholder == null then null
    else { inherit elemType placeholder; inherit (a) lazy; };

  # ---- Functions ----

  functionTo = elemType: around { name = "functionTo"; inherit elemType; make = functionTo; } // {
    description = "function that evaluates to a(n) ${phrase [ "noun" "composite" ] elemType}";
    descriptionClass = "composite";
    check = isFunction;
    merge = loc: definitions: argument:
      (mergeDefinitions (loc ++ [ "<function body>" ]) elemType
        (map (d: { inherit (d) file; value = d.value argument; }) definitions)).mergedValue;
    getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
  };

  # ---- Choices ----

  unique = arguments@{ message }: type: around { name = "unique"; elemType = type; make = unique arguments; } // {
    inherit (type) description descriptionClass check emptyValue getSubOptions;
    merge = mergeUniqueOption { inherit message; inherit (type) merge; };
  };

  nullOr = elemType: around { name = "nullOr"; inherit elemType; make = nullOr; } // {
    description = "null or ${phrase [ "noun" "conjunction" ] elemType}";
    descriptionClass = "conjunction";
    check = value: value == null || elemType.check value;
    merge = {
      __functor = _: loc: definitions:
        let nulls = filter (d: d.value == null) definitions; in
        if nulls == [ ] then elemType.merge loc definitions
        else if length nulls == length definitions then null
        else throw "The option `${showOption loc}` is defined both null and not null, in ${showPlaces definitions}.";
      isIdentity = isIdentity elemType;
      isUniform = isUniform elemType;
    };
    emptyValue.value = null;
    inherit (elemType) getSubOptions;
  };

  either = one: other:
    let
      check = value: one.check value || other.check value;
      chosen = definitions:
        if all (d: one.check d.value) definitions then one
        else if all (d: other.check d.value) definitions then other
        else null;
      merge = loc: definitions:
        let type = chosen definitions; in
        if type == null then
          throw (
            "A definition for option `${showOption loc}' is not of type `${one.description} or ${other.description}': "
            + "they are neither all of `${one.description}' nor all of `${other.description}'. "
            + "Definition values:${showDefs definitions}")
        else type.merge loc definitions;
    in
    makeType {
      name = "either";
      description =
        if one.descriptionClass or null == "nonRestrictiveClause" then
          "${one.description}, or ${phrase [ "noun" "conjunction" ] other}"
        else
          "${phrase [ "noun" "conjunction" ] one} or ${phrase [ "noun" "conjunction" "composite" ] other}";
      descriptionClass = "conjunction";
      inherit check;
      merge = {
        __functor = _: merge;
        isIdentity = isIdentity one && isIdentity other;
        isUniform = isUniform one && isUniform other;
        v2 = answer check merge (loc: definitions:
          let type = chosen definitions; in
          if type != null && type.merge ? v2 then (type.merge.v2 { inherit loc; defs = definitions; }).valueMeta
          else { });
      };
      typeMerge = functor:
        let
          left = one.typeMerge (elemAt functor.payload.elemType 0).functor;
          right = other.typeMerge (elemAt functor.payload.elemType 1).functor;
        in
        if functor.name == "either" && left != null && right != null then either left right else null;
      functor = defaultFunctor "either" // { payload.elemType = [ one other ]; };
      nestedTypes = { left = one; right = other; };
    };

  # Values of one type that are turned into another.
  coercedTo = from: convert: to:
    let
      converted = map (d: d // { value = if from.check d.value then convert d.value else d.value; });
      check = value: (from.check value && to.check (convert value)) || to.check value;
      merge = loc: definitions: to.merge loc (converted definitions);
    in
    assert lib.assertMsg (from.getSubModules == null)
      "coercedTo: coercedType must not have submodules (it’s a ${from.description})";
    makeType {
      name = "coercedTo";
      description = "${phrase [ "noun" ] to} or ${phrase [ "noun" ] from} convertible to it";
      inherit check;
      merge = {
        __functor = _: merge;
        isUniform = isUniform to;
        v2 = answer check merge (loc: definitions:
          if to.merge ? v2 then (to.merge.v2 { inherit loc; defs = converted definitions; }).valueMeta else { });
      };
      inherit (to) emptyValue getSubOptions getSubModules;
      substSubModules = modules: coercedTo from convert (to.substSubModules modules);
      typeMerge = _: null;
      functor = defaultFunctor "coercedTo" // { wrapped = to; };
      nestedTypes = { coercedType = from; finalType = to; };
    };

  # ---- Tagged choices ----

  # A tag as an option with the place where it is declared.
  taggedOption = tags: name: option:
    let
      position = unsafeGetAttrPos name tags;
      found =
        if !(option ? _type) then "was not."
        else if option._type == "option-type" then "was a bare type, not wrapped in mkOption."
        else "was of type ${escapeNixString option._type}.";
    in
    if option._type or null != "option" then
      throw "In attrTag, each tag value must be an option, but tag ${escapeNixIdentifier name} ${found}"
    else option // {
      declarations = option.declarations or (if position == null then [ ] else [ position.file ]);
      declarationPositions = option.declarationPositions or (if position == null then [ ] else [ position ]);
    };

  joinedTags = a: b:
    let
      declaring = option: { options = option; _file = "<attrTag {...}>"; pos = null; };
      both = name: option:
        lib.modules.mergeOptionDecls [ name ] [ (declaring a.${name}) (declaring option) ] // {
          declarations = a.${name}.declarations ++ option.declarations;
          declarationPositions = a.${name}.declarationPositions ++ option.declarationPositions;
        };
    in
    a // b // mapAttrs both (intersectAttrs a b);

  # Exactly one of several named alternatives: { NAME = value; }.
  attrTag = given:
    let
      tags = mapAttrs (taggedOption given) given;
      choices = lib.concatMapStringsSep ", " escapeNixIdentifier (attrNames tags);
      tagOf = d: head (attrNames d.value);
    in
    makeType {
      name = "attrTag";
      description = "attribute-tagged union with choices: ${choices}";
      descriptionClass = "noun";
      check = value: isAttrs value && length (attrNames value) == 1 && tags ? ${head (attrNames value)};
      merge = loc: definitions:
        let
          tag = tagOf (head definitions);
          stranger = lib.findFirst (d: tagOf d != tag) null definitions;
          inner = d: { inherit (d) file; name = tag; value = d.value.${tag}; set = d.value; };
        in
        if stranger == null then
          { ${tag} = (lib.modules.evalOptionValue (loc ++ [ tag ]) tags.${tag} (map inner definitions)).value; }
        else
          throw (
            "The option `${showOption loc}` is defined both as `${tag}` and `${tagOf stranger}`, "
            + "in ${showPlaces definitions}.");
      getSubOptions = prefix: mapAttrs (name: option: option // { loc = prefix ++ [ name ]; }) tags;
      nestedTypes = tags;
      functor = defaultFunctor "attrTag" // {
        type = payload: attrTag payload.tags;
        payload = { inherit tags; };
        binOp = a: b: { tags = joinedTags a.tags b.tags; };
      };
    };
in
{
  inherit attrTag attrsWith coercedTo either functionTo listOf nonEmptyListOf nullOr unique;

  attrsOf = elemType: attrsWith { inherit elemType; };
  lazyAttrsOf = elemType: attrsWith { inherit elemType; lazy = true; };
  loaOf = elemType:
    let
      type = types.attrsOf elemType;
      text = loc:
        "The type `types.loaOf' of option `${showOption loc}' is deprecated. "
        + "Mixing lists with attribute values is no longer possible; please use `types.attrsOf` instead.";
    in
    type // {
      name = "loaOf";
      merge = loc: definitions: lib.warn (text loc) (type.merge loc definitions);
    };
  uniq = unique { message = ""; };
  oneOf = choices:
    if choices == [ ] then throw "types.oneOf needs to get at least one type in its argument"
    else foldl' either (head choices) (tail choices);
}
