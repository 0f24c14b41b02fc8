# Types whose values are configurations of their own, or modules for one.
{ lib, making }:
let
  inherit (builtins) all attrNames filter intersectAttrs isAttrs map;
  inherit (lib.modules) evalModules evalSubmodule mkForce mkOptionDefault prepare setDefaultModuleLocation;
  inherit (lib.options) showDefs showOption;
  inherit (lib) isFunction optionalAttrs types;
  inherit (making) defaultFunctor makeType phrase;

  isModule = value: isAttrs value || isFunction value || types.path.check value;

  # What two declarations say of one thing: either may leave it open.
  agreed = what: a: b:
    if a == null || a == b then b
    else if b == null then a
    else throw "A submoduleWith option is declared multiple times with conflicting ${what a b}";

  joined = a: b: {
    modules = a.modules ++ b.modules;
    specialArgs =
      let both = intersectAttrs a.specialArgs b.specialArgs; in
      if both == { } then a.specialArgs // b.specialArgs
      else
        throw (
          "A submoduleWith option is declared multiple times with the same specialArgs "
          + "\"${toString (attrNames both)}\"");
    class = agreed (a: b: "class values \"${a}\" and \"${b}\".") a.class b.class;
    shorthandOnlyDefinesConfig =
      agreed (_: _: "shorthandOnlyDefinesConfig values") a.shorthandOnlyDefinesConfig b.shorthandOnlyDefinesConfig;
    description = agreed (_: _: "descriptions") a.description b.description;
  };

  submoduleWith =
    attributes@{ modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, description ? null, class ? null }:
    let
      payload = { inherit modules specialArgs shorthandOnlyDefinesConfig description class; };
      prepared = prepare payload;
      evaluate = evalSubmodule prepared payload;

      # The submodule without definitions, for what is said of it.
      documented = prefix: evalModules {
        inherit class specialArgs prefix;
        modules = [ { _module.args.name = mkOptionDefault "‹name›"; } ] ++ modules ++ [
          {
            _file = "<built-in module that disables checks for the purpose of documentation generation>";
            config._module.check = mkForce false;
          }
        ];
      };
      inherit (documented [ ]) _module;
    in
    makeType {
      name = "submodule";
      description =
        if description != null then description
        else if _module.freeformType ? description then
          "open submodule of ${phrase [ "noun" "composite" ] _module.freeformType}"
        else "submodule";
      check = isModule;
      merge = {
        __functor = _: loc: definitions: (evaluate loc definitions).config;
        v2 = { loc, defs }:
          let configuration = evaluate loc defs; in
          {
            headError =
              if all (d: isModule d.value) defs then null
              else { message = "Definition values: ${showDefs (filter (d: !isModule d.value) defs)}"; };
            value = configuration.config;
            valueMeta = { inherit configuration; };
          };
      };
      emptyValue.value = { };
      getSubOptions = prefix:
        let result = documented prefix; in
        result.options // optionalAttrs (result._module.freeformType != null) {
          _freeformOptions = result._module.freeformType.getSubOptions prefix;
        };
      getSubModules = modules;
      substSubModules = modules: submoduleWith (attributes // { inherit modules; });
      nestedTypes = optionalAttrs (_module.freeformType != null) { inherit (_module) freeformType; };
      functor = defaultFunctor "submodule" // {
        type = submoduleWith;
        inherit payload;
        binOp = joined;
      };
    }
    // {
      # The options of the submodule that definitions make.
      optionsOf = loc: definitions: (evaluate loc definitions).options;
    };

  # A module that is kept for a later evaluation.
  deferredModuleWith = attributes@{ staticModules ? [ ] }:
    let shown = submoduleWith { modules = staticModules; }; in
    makeType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = isModule;
      merge = loc: definitions: {
        imports = staticModules ++ map
          (d: setDefaultModuleLocation "${toString d.file}, via option ${showOption loc}" d.value)
          definitions;
      };
      inherit (shown) getSubOptions getSubModules;
      substSubModules = modules: deferredModuleWith (attributes // { staticModules = modules; });
      functor = defaultFunctor "deferredModuleWith" // {
        type = deferredModuleWith;
        payload = { inherit staticModules; };
        binOp = a: b: { staticModules = a.staticModules ++ b.staticModules; };
      };
    };
in
{
  inherit submoduleWith deferredModuleWith;

  submodule = modules: submoduleWith {
    modules = lib.toList modules;
    shorthandOnlyDefinesConfig = true;
  };
  deferredModule = deferredModuleWith { };
}
