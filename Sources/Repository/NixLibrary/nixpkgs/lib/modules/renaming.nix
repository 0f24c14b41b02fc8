# Modules that stand for options which are no more, or have another name.
{ lib }:
let
  inherit (builtins) any filter foldl' map;
  inherit (lib.attrsets) attrByPath getAttrFromPath optionalAttrs recursiveUpdate setAttrByPath;
  inherit (lib.lists) optional;
  inherit (lib.modules) defaultOverridePriority mkIf mkMerge mkOverride;
  inherit (lib.options) isOption mkOption showFiles showOption;
  inherit (lib) types;

  # ---- One option's definitions as another's ----

  mkAliasIfDef = option: mkIf (isOption option && option.isDefined);
  mkAliasAndWrapDefinitions = wrap: option: mkAliasIfDef option (wrap (mkMerge option.definitions));
  mkAliasAndWrapDefsWithPriority = wrap: option:
    let priority = option.highestPrio or defaultOverridePriority; in
    mkAliasIfDef option (wrap (mkMerge (map (mkOverride priority) option.definitions)));

  # ---- Names ----

  # `use` is applied to the value that is read by the old name; `condition` is that of the definitions of the new.
  doRename = { from, to, visible, warn, use, withPriority ? true, condition ? true }:
    { config, options, ... }:
    let
      old = getAttrFromPath from options;
      target = attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.");
      alias = if withPriority then mkAliasAndWrapDefsWithPriority else mkAliasAndWrapDefinitions;
    in
    {
      options = setAttrByPath from (mkOption {
        inherit visible;
        description = "Alias of {option}`${showOption to}`.";
        type = (attrByPath to { } options).type or (types.submodule { });
        apply = _: use (target config);
      });
      config = mkIf condition (mkMerge [
        (optionalAttrs (options ? warnings) {
          warnings = optional (warn && old.isDefined)
            "The option `${showOption from}' defined in ${showFiles old.files} has been renamed to `${showOption to}'.";
        })
        (alias (setAttrByPath to) old)
      ]);
    };

  isObsolete = from: to: "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";

  mkAliasOptionModule = from: to: doRename {
    inherit from to;
    visible = true;
    warn = false;
    use = value: value;
  };

  # ---- Options that became another ----

  # What the value of a removed option is as long as nobody defines it.
  undefined = "_mkMergedOptionModule";

  mkMergedOptionModule = from: to: mergeThem: { config, options, ... }:
    let isUsed = path: getAttrFromPath path config != undefined; in
    {
      options = foldl' recursiveUpdate { } (map
        (path: setAttrByPath path (mkOption {
          visible = false;
          # So that it can be looked at without an error.
          default = undefined;
        }))
        from);
      config = {
        warnings = map
          (path:
            "The option `${showOption path}' defined in ${showFiles (getAttrFromPath path options).files} "
            + "has been changed to `${showOption to}' that has a different type. "
            + "Please read `${showOption to}' documentation and update your configuration accordingly.")
          (filter isUsed from);
      }
      // setAttrByPath to (mkMerge (optional (any isUsed from) (mergeThem config)));
    };
in
{
  inherit
    doRename mkAliasIfDef mkAliasAndWrapDefinitions mkAliasAndWrapDefsWithPriority mkAliasOptionModule
    mkMergedOptionModule
    ;

  mkAliasDefinitions = mkAliasAndWrapDefinitions (value: value);
  mkAliasOptionModuleMD = mkAliasOptionModule;
  mkChangedOptionModule = from: mkMergedOptionModule [ from ];

  # A definition made of an option's value, with the priority of the option's own.
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or defaultOverridePriority) (f option.value);

  mkRemovedOptionModule = path: replacement: { options, ... }:
    let option = getAttrFromPath path options; in
    {
      options = setAttrByPath path (mkOption {
        visible = false;
        apply = _:
          throw "The option `${showOption path}' can no longer be used since it's been removed. ${replacement}";
      });
      config.assertions = [
        {
          assertion = !option.isDefined;
          message =
            "The option definition `${showOption path}' in ${showFiles option.files} "
            + "no longer has any effect; please remove it.\n${replacement}\n";
        }
      ];
    };

  mkRenamedOptionModule = from: to: doRename {
    inherit from to;
    visible = false;
    warn = true;
    use = builtins.trace (isObsolete from to);
  };

  mkRenamedOptionModuleWith = { from, to, sinceRelease }:
    let isOld = lib.isInOldestRelease sinceRelease; in
    doRename {
      inherit from to;
      visible = false;
      warn = isOld;
      use = lib.warnIf isOld (isObsolete from to);
    };
}
