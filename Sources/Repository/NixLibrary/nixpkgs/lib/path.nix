# Paths, and subpaths: strings that lead from a directory to something in it.
{ lib }:
let
  inherit (builtins) baseNameOf dirOf filter isPath isString length typeOf;
  inherit (lib.strings) concatStringsSep escapeNixString hasPrefix;

  # Why a value is no subpath; null if it is one.
  reason = value:
    if ! isString value then "The given value is of type ${typeOf value}, but a string was expected"
    else if value == "" then "The given string is empty"
    else if hasPrefix "/" value
    then "The given string ${escapeNixString value} starts with a `/`, representing an absolute path"
    else if builtins.elem ".." (split value)
    then "The given string ${escapeNixString value} contains a `..` component, which is not allowed in subpaths"
    else null;

  split = text: filter isString (builtins.split "/" text);
  names = text: filter (name: name != "" && name != ".") (split text);
  join = names: if names == [ ] then "./." else "./" + concatStringsSep "/" names;

  # The names in a subpath, or an error that names the function.
  componentsFor = function: value:
    if reason value == null then names value
    else throw "lib.path.${function}: Argument is not a valid subpath string:\n    ${reason value}";

  # The root above a path, and the names that lead from there.
  taken = function: path:
    let
      from = path: rest:
        if dirOf path == path then { root = path; inherit rest; }
        else from (dirOf path) ([ (baseNameOf path) ] ++ rest);
    in
    if isPath path then from path [ ]
    else throw "lib.path.${function}: the argument is of type ${typeOf path}, but a path was expected";

  # The names that lead from a path to another one; null if they do not.
  between = function: base: path:
    let
      first = taken function base;
      second = taken function path;
      count = length first.rest;
    in
    if first.root == second.root && lib.lists.take count second.rest == first.rest
    then lib.lists.drop count second.rest
    else null;
in
{
  # What is at a subpath below a path.
  append = path: subpath:
    if ! isPath path
    then throw "lib.path.append: The first argument is of type ${typeOf path}, but a path was expected"
    else if reason subpath != null
    then throw "lib.path.append: Second argument is not a valid subpath string:\n    ${reason subpath}"
    else path + "/${subpath}";

  # Whether a path is, or is below, another, and the subpath between them.
  hasPrefix = base: path: between "hasPrefix" base path != null;
  removePrefix = base: path:
    let rest = between "removePrefix" base path;
    in
    if rest == null
    then throw "lib.path.removePrefix: The first path argument \"${toString base}\" is not a component-wise prefix of the second path argument \"${toString path}\"."
    else join rest;

  # The root above a path, and the subpath from there.
  splitRoot = path:
    let parts = taken "splitRoot" path;
    in { inherit (parts) root; subpath = join parts.rest; };

  # Whether a path is in Nix's store.
  hasStorePathPrefix = path:
    hasPrefix "${builtins.storeDir}/" (toString path)
    && builtins.match "[0-9a-z]{32}-.+" (builtins.elemAt (taken "hasStorePathPrefix" path).rest
      (length (names builtins.storeDir))) != null;

  subpath = {
    # Whether a value is a string that leads into a directory, and not out of it.
    isValid = value: reason value == null;

    # Subpaths, one after the other.
    join = subpaths: join (builtins.concatMap (componentsFor "subpath.join") subpaths);

    # A subpath as short as it can be, with "./" before it.
    normalise = subpath: join (componentsFor "subpath.normalise" subpath);

    # The names that a subpath consists of.
    components = componentsFor "subpath.components";
  };
}
