# Declarations: several of one option as one, and what is wrong with them.
#
# A declaration is { file; options; set; name; }: what a module has for `name` in `set`, by which its place is found; of
# what somebody made by hand, { _file; options; pos; }.
{ lib }:
let
  inherit (builtins)
    all attrNames concatMap filter foldl' hasAttr head intersectAttrs length map mapAttrs removeAttrs typeOf
    unsafeGetAttrPos zipAttrsWith
    ;
  inherit (lib.lists) last;
  inherit (lib.options) isOption mkOption showOption;
  inherit (lib) types;

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
    let
      mark = option._type or null;
      advice = "\n\nThe type of an option stands in it: `${lib.strings.escapeNixIdentifier (last loc)} = lib.mkOption { type = …; }'.";
    in
    if mark == null then false
    else if mark == "option" then true
    else
      throw "In module ${file}: expected an option declaration at option path `${showOption loc}` but got an attribute set with type ${mark}${
        if mark == "option-type" then advice else ""}";

  noDeclarations = loc: options:
    "An option declaration for `${showOption loc}' has type `${typeOf options}' rather than an attribute set. Did you mean to define this outside of `options'?";

  # The names that several modules declare, with their declarations.
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
in
{
  inherit
    mergeOptionDecls fixupOptionType setDefaultModuleLocation withLocatedType declaredTogether isDeclaration
    noDeclarations sharedNames
    ;
}
