# The types of options: what they accept, and how several definitions become one value.
#
# A type is { name; description; check; merge; … }; `merge loc definitions` is given the definitions that
# count, each { file; value; }, which `check` has accepted. A merge function may be a set with `isIdentity`, which
# says that a single definition's value is the option's; with `v2`, it also says what it found out (`valueMeta`).
{ lib }:
let
  inherit (builtins) elem;
  inherit (lib.options) mergeDefaultOption mergeEqualOption;

  isType = name: value: value._type or "" == name;
  setType = name: value: value // { _type = name; };
  isOptionType = isType "option-type";

  # ---- Joining the types of two declarations ----

  # null if they do not fit together. A functor is { name; type; payload; binOp; }, or has `wrapped` for its payload.
  defaultTypeMerge = f: g:
    let
      payload = f.binOp f.payload g.payload;
      wrapped = f.wrapped.typeMerge g.wrapped.functor;
    in
    if f.name != g.name then null
    else if f.payload != null then (if payload == null then null else f.type payload)
    else if f.wrapped != null then (if wrapped == null then null else f.type wrapped)
    else f.type;

  defaultFunctor = name: {
    inherit name;
    type = types.${name} or null;
    wrapped = null;
    payload = null;
    binOp = _: _: null;
  };

  # Of a type that is made of one other; `type` makes it of { elemType; }.
  elemTypeFunctor = name: payload: type: defaultFunctor name // {
    inherit type payload;
    wrapped = payload.elemType;
    binOp = a: b:
      let elemType = a.elemType.typeMerge b.elemType.functor; in
      if elemType == null then null else { inherit elemType; };
  };

  mergeTypes = a: b:
    let merged = a.typeMerge b.functor; in
    if merged == null then setType "merge-error" { error = "Cannot merge types"; } else merged;

  # ---- Making types ----

  defaults = {
    _type = "option-type";
    descriptionClass = null;
    check = _: true;
    merge = mergeDefaultOption;
    emptyValue = { };
    getSubOptions = _: { };
    getSubModules = null;
    substSubModules = _: null;
    deprecationMessage = null;
    nestedTypes = { };
  };

  # The same without a look at the attributes, of which `name` and `description` are needed.
  makeType = attributes:
    let functor = attributes.functor or (defaultFunctor attributes.name); in
    defaults // { inherit functor; typeMerge = defaultTypeMerge functor; } // attributes;

  mkOptionType =
    attributes@{ name
    , description ? null
    , descriptionClass ? null
    , check ? null
    , merge ? null
    , emptyValue ? null
    , getSubOptions ? null
    , getSubModules ? null
    , substSubModules ? null
    , typeMerge ? null
    , functor ? null
    , deprecationMessage ? null
    , nestedTypes ? null
    }:
    let
      type = makeType (attributes // { description = if description == null then name else description; });
      text = loc: "The type `types.${name}' of option `${lib.showOption loc}' is deprecated. ${deprecationMessage}";
    in
    if deprecationMessage == null then type
    else type // { merge = loc: definitions: lib.warn (text loc) (type.merge loc definitions); };

  # A type's description inside another's: in brackets unless it is of a class that may stand there.
  optionDescriptionPhrase = mayStand: type:
    if mayStand (type.descriptionClass or null) then type.description else "(${type.description})";
  phrase = classes: optionDescriptionPhrase (class: elem class classes);

  # Definitions whose values are equal.
  equal = { __functor = _: mergeEqualOption; isIdentity = true; };
  simple = name: description: check: makeType {
    inherit name description check;
    descriptionClass = "noun";
    merge = equal;
  };

  addCheck = type: check: type // { check = value: type.check value && check value; };

  # What the parts of this library share.
  making = {
    inherit
      addCheck defaults defaultFunctor defaultTypeMerge elemTypeFunctor equal isOptionType makeType phrase simple
      ;
  };

  types =
    import ./types/plain.nix { inherit lib making; }
    // import ./types/nested.nix { inherit lib making; }
    // import ./types/submodules.nix { inherit lib making; }
    // { inherit addCheck; };
in
types // {
  inherit
    defaultFunctor defaultTypeMerge isOptionType isType mergeTypes mkOptionType optionDescriptionPhrase setType types
    ;
}
