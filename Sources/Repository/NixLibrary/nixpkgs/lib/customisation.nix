# Functions whose arguments can be changed afterwards, and are taken from sets.
{ lib }:
let
  inherit (builtins) intersectAttrs isAttrs isFunction;
  inherit (lib.trivial) functionArgs mirrorFunctionArgs setFunctionArgs;

  makeOverridable = f: mirrorFunctionArgs f (arguments:
    let
      result = f arguments;
      override = mirrorFunctionArgs f (change:
        makeOverridable f
          (arguments // (if lib.trivial.isFunction change then change arguments else change)));
      # Something is done to whatever the function gives.
      after = g: makeOverridable (mirrorFunctionArgs f (arguments: g (f arguments))) arguments;
      overrideDerivation = g: after (package: lib.customisation.overrideDerivation package g);
    in
    if isAttrs result
    then result // {
      inherit override overrideDerivation;
      ${if result ? overrideAttrs then "overrideAttrs" else null} =
        g: after (package: package.overrideAttrs g);
    }
    else if lib.trivial.isFunction result
    then setFunctionArgs result (functionArgs result) // { inherit override; }
    else result);

  asFunction = value: if lib.trivial.isFunction value then value else import value;

  # What of a function's arguments a set does not have, and the function does not need.
  missing = f: arguments:
    builtins.filter (name: ! (functionArgs f).${name} && ! arguments ? ${name})
      (builtins.attrNames (functionArgs f));

  callPackageWith = scope: f: arguments:
    let
      function = asFunction f;
      given = intersectAttrs (functionArgs function) scope // arguments;
      name = builtins.head (missing function given);
      position = builtins.unsafeGetAttrPos name (functionArgs function);
      place = if position == null then "" else ", required at ${position.file}:${toString position.line}";
      nearest = builtins.filter (other: lib.strings.levenshteinAtMost 2 name other)
        (builtins.attrNames (scope // arguments));
      meant =
        if nearest == [ ] then ""
        else ", did you mean ${lib.strings.concatMapStringsSep ", " lib.strings.escapeNixString nearest}?";
    in
    if missing function given == [ ] then makeOverridable function given
    else throw "lib.customisation.callPackageWith: Function called without required argument \"${name}\"${place}${meant}";
in
{
  # A function whose result can be made anew with other arguments: `result.override { … }`.
  inherit makeOverridable;

  # A package made with changed attributes.
  overrideDerivation = package: f:
    let changed = builtins.derivation (package.drvAttrs // f package);
    in changed // {
      meta = package.meta or { };
      passthru = package.passthru or { };
      overrideDerivation = lib.customisation.overrideDerivation changed;
    };

  # A function, or a file that has one, with arguments from a set, and some of its own.
  inherit callPackageWith;

  # The same of a function that gives several, each of which can be overridden.
  callPackagesWith = scope: f: arguments:
    let
      function = asFunction f;
      given = intersectAttrs (functionArgs function) scope // arguments;
      one = name: given: (function given).${name};
    in
    builtins.mapAttrs (name: value:
      if isAttrs value then makeOverridable (mirrorFunctionArgs function (one name)) given else value)
      (lib.attrsets.removeAttrs (function given) [ "override" "overrideDerivation" ]);

  # A set of what functions make with each other as arguments, which can be extended.
  makeScope = newScope: f:
    let
      self = f self // {
        newScope = more: newScope (self // more);
        callPackage = self.newScope { };
        overrideScope = overlay: lib.customisation.makeScope newScope (lib.fixedPoints.extends overlay f);
        packages = f;
      };
    in
    self;
}
