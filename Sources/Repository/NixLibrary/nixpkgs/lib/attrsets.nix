# Attribute sets. A path is a list of names.
{ lib }:
let
  inherit (builtins)
    attrNames attrValues concatMap elemAt filter foldl' groupBy head intersectAttrs
    isAttrs length listToAttrs map mapAttrs partition removeAttrs;

  nameValuePair = name: value: { inherit name value; };

  genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);

  # What is at a path: `found value` or, where there is nothing, `missing`.
  at = path: set: missing: found:
    let
      count = length path;
      from = index: value:
        if index == count then found value
        else
          let name = elemAt path index;
          in if isAttrs value && value ? ${name} then from (index + 1) value.${name} else missing;
    in
    from 0 set;

  attrByPath = path: default: set: at path set default (value: value);

  setAttrByPath = path: value:
    let
      count = length path;
      from = index: if index == count then value else { ${elemAt path index} = from (index + 1); };
    in
    from 0;

  # A path as one would write it.
  showAttrPath = path:
    if path == [ ] then "<root attribute path>"
    else builtins.concatStringsSep "." (map lib.strings.escapeNixIdentifier path);

  zipAttrsWithNames = names: f: sets: genAttrs names (name: f name (builtins.catAttrs name sets));

  mapAttrsRecursiveCond = goesInto: f: set:
    let
      inside = path: mapAttrs (name: value:
        let here = path ++ [ name ];
        in if isAttrs value && goesInto value then inside here value else f here value);
    in
    inside [ ] set;

  mapAttrsToListRecursiveCond = goesInto: f: set:
    let
      inside = path: set: concatMap (name:
        let
          here = path ++ [ name ];
          value = set.${name};
        in
        if isAttrs value && goesInto here value then inside here value else [ (f here value) ])
        (attrNames set);
    in
    inside [ ] set;

  # The right set's attributes replace the left's, but where the predicate says false of a path and
  # the values at it both sets are gone into.
  recursiveUpdateUntil = isEnd: left: right:
    let
      update = path: left: right: left // mapAttrs (name: value:
        let here = path ++ [ name ];
        in
        if ! left ? ${name} || isEnd here left.${name} value then value
        else update here left.${name} value) right;
    in
    update [ ] left right;

  recursiveUpdate = left: right: left // mapAttrs (name: value:
    if left ? ${name} && isAttrs left.${name} && isAttrs value
    then recursiveUpdate left.${name} value
    else value) right;

  cartesianProduct = lists:
    foldl'
      (sets: name: concatMap (set: map (value: set // { ${name} = value; }) lists.${name}) sets)
      [ { } ]
      (attrNames lists);

  collect = predicate: value:
    if predicate value then [ value ]
    else if isAttrs value then concatMap (collect predicate) (attrValues value)
    else [ ];

  filterAttrs = predicate: set:
    removeAttrs set (filter (name: ! predicate name set.${name}) (attrNames set));

  filterAttrsRecursive = predicate: set:
    mapAttrs (_: value: if isAttrs value then filterAttrsRecursive predicate value else value)
      (filterAttrs predicate set);

  # A pattern's attributes are all there and equal, sets of it as patterns in turn.
  matchAttrs = pattern: set:
    if ! isAttrs pattern then throw "lib.attrsets.matchAttrs: the pattern is no attribute set"
    else builtins.all (name:
      set ? ${name} && (
        let wanted = pattern.${name}; value = set.${name};
        in if isAttrs wanted then isAttrs value && matchAttrs wanted value else wanted == value))
      (attrNames pattern);

  isDerivation = value: value.type or null == "derivation";

  getOutput = output: package:
    if ! package ? outputSpecified || ! package.outputSpecified
    then package.${output} or package.out or package
    else package;

  # The first of some outputs that a package has, else the package's default.
  getFirstOutput = outputs: package:
    let found = filter (output: package ? ${output}) outputs;
    in
    if package.outputSpecified or false || found == [ ] then package
    else package.${head found};

  # Sets added up by halves, which copies every attribute as often as the list can be halved.
  mergeAttrsList = sets:
    let
      between = start: end:
        if end - start >= 2
        then
          let middle = (start + end) / 2;
          in between start middle // between middle end
        else elemAt sets start;
    in
    if sets == [ ] then { } else between 0 (length sets);

  updateManyAttrsByPath =
    let
      # `exists`: whether there is a value at all; where there is none, only functions that do not
      # look at it may be applied.
      update = depth: exists: value: updates:
        let
          parts = partition (entry: length entry.path == depth) updates;
          below = groupBy (entry: elemAt entry.path depth) parts.wrong;
          shown = showAttrPath (lib.lists.take depth (head parts.wrong).path);
          missing = path: throw "lib.attrsets.updateManyAttrsByPath: there is nothing at ${path} to update";
          inner =
            if parts.wrong == [ ] then value
            else if ! exists
            then mapAttrs (name: entries: update (depth + 1) false
              (missing (showAttrPath (lib.lists.take (depth + 1) (head entries).path))) entries) below
            else if ! isAttrs value
            then throw "lib.attrsets.updateManyAttrsByPath: ${shown} is no attribute set, so that nothing below it can be updated"
            else value // mapAttrs (name: entries: update (depth + 1) (value ? ${name})
              (value.${name} or (missing (showAttrPath (lib.lists.take (depth + 1) (head entries).path))))
              entries) below;
        in
        lib.lists.foldl (value: entry: entry.update value) inner parts.right;
    in
    updates: value: update 0 true value updates;
in
{
  inherit (builtins)
    attrNames attrValues catAttrs getAttr hasAttr intersectAttrs isAttrs listToAttrs mapAttrs
    removeAttrs;

  # What is at a path, or a default.
  inherit attrByPath;

  # Whether there is something at a path.
  hasAttrByPath = path: set: at path set false (_: true);

  # The longest beginning of a path at which there is something.
  longestValidPathPrefix = path: set:
    let
      count = length path;
      from = index: value:
        if index < count && isAttrs value && value ? ${elemAt path index}
        then from (index + 1) value.${elemAt path index}
        else index;
    in
    lib.lists.take (from 0 set) path;

  # Nested sets with one value, at a path.
  inherit setAttrByPath;

  # What is at a path; nothing there is an error.
  getAttrFromPath = path: set:
    at path set (throw "cannot find attribute '${builtins.concatStringsSep "." path}'") (value: value);

  # Applies functions at paths, `{ path, update }` each: those further inside first.
  inherit updateManyAttrsByPath;

  # The values of some names, as a list; a set of them.
  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: genAttrs names (name: set.${name});

  # A set of the attributes whose names and values satisfy a predicate; the same in sets inside.
  inherit filterAttrs filterAttrsRecursive;

  # Folds the names and values of a set, in the order of the names.
  foldlAttrs = f: initial: set:
    foldl' (value: name: f value name set.${name}) initial (attrNames set);

  # Folds the values of each name in a list of sets, from the right.
  foldAttrs = f: initial:
    lib.lists.foldr
      (set: folded: folded // mapAttrs (name: value: f value (folded.${name} or initial)) set)
      { };

  # All values that satisfy a predicate, also those of sets inside; not what is inside of those.
  inherit collect;

  # All sets with one element of each list of a set of lists, and a function of each of them.
  inherit cartesianProduct;
  cartesianProductOfSets = cartesianProduct;
  mapCartesianProduct = f: lists: map f (cartesianProduct lists);

  # `{ name, value }`, as `listToAttrs` takes it.
  inherit nameValuePair;

  # A set made of the `{ name, value }` that a function gives of each name and value.
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));

  # A list of what a function gives of each name and value.
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = set: map (name: nameValuePair name set.${name}) (attrNames set);

  # All sets that a function gives of each name and value, as one.
  concatMapAttrs = f: set: mergeAttrsList (map (name: f name set.${name}) (attrNames set));

  # A function of the path and value of everything that is no set, or no set to go into.
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  inherit mapAttrsRecursiveCond;

  # The same as a list; the condition is given the path, too.
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  inherit mapAttrsToListRecursiveCond;

  # A set of what a function gives of each name; of the `{ name, value }` that it gives.
  inherit genAttrs;
  genAttrs' = elements: f: listToAttrs (map f elements);

  # Whether a value is a package, by the sign that Nix goes by.
  inherit isDerivation;

  # What of packages is known without them: a path of the store as one.
  toDerivation = path:
    let
      text = builtins.toString path;
      result = {
        type = "derivation";
        name = lib.strings.sanitizeDerivationName
          (builtins.substring 33 (-1) (builtins.baseNameOf text));
        outPath = text;
        outputs = [ "out" ];
        out = result;
        outputName = "out";
      };
    in
    result;

  # A set where the condition holds, else the empty one.
  optionalAttrs = condition: set: if condition then set else { };

  # A function of each name, of those given or of all, and the list of its values in a list of sets.
  inherit zipAttrsWithNames;
  inherit (builtins) zipAttrsWith;
  zipAttrs = builtins.zipAttrsWith (_: values: values);

  # All sets as one; of several values of a name the last counts.
  inherit mergeAttrsList;

  # The second set over the first, also in sets inside of both; until a predicate says so.
  inherit recursiveUpdate recursiveUpdateUntil;

  inherit matchAttrs;

  # The first set with the second's values for the names that it has.
  overrideExisting = old: new: old // intersectAttrs old new;

  inherit showAttrPath;

  # An output of a package, if it has it, and if no output was chosen yet.
  inherit getOutput getFirstOutput;
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getStatic = getFirstOutput [ "static" "lib" "out" ];
  getDev = getOutput "dev";
  getInclude = getFirstOutput [ "include" "dev" "out" ];
  getMan = getOutput "man";
  chooseDevOutputs = map (getOutput "dev");

  # Says of a set whether programs that list packages should look into it.
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

  # Both sets as one; a name that both have is an error where its value is used.
  unionOfDisjoint = a: b:
    let
      both = intersectAttrs a b;
      names = builtins.concatStringsSep " " (attrNames both);
    in
    a // b // mapAttrs (name: _:
      throw "unionOfDisjoint: collision on ${name}; complete list: ${names}") both;

  zipWithNames = zipAttrsWithNames;
  zip = builtins.zipAttrsWith;
}
