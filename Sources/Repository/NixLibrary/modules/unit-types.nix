# What units share: options of every kind of unit, and the type of a setting.
{ lib }:
let
  inherit (lib) mkOption types;

  # The value of one setting in a unit: several definitions are a list if one of them is, and else must agree.
  setting = types.mkOptionType {
    name = "systemd option";
    description = "systemd setting";
    descriptionClass = "noun";
    check = value:
      value == null || builtins.isBool value || builtins.isInt value || builtins.isFloat value
      || lib.isStringLike value
      || (builtins.isList value && lib.all setting.check value);
    merge = loc: definitions:
      let values = map (d: d.value) definitions; in
      if lib.any builtins.isList values then lib.concatMap lib.toList values
      else lib.mergeEqualOption loc definitions;
  };
  settings = types.attrsOf setting;

  units = description: mkOption {
    type = types.listOf types.str;
    default = [ ];
    inherit description;
  };

  # Options of [Unit] that name other units, with the setting that each becomes.
  relations = {
    after = "After";
    before = "Before";
    bindsTo = "BindsTo";
    conflicts = "Conflicts";
    onFailure = "OnFailure";
    onSuccess = "OnSuccess";
    partOf = "PartOf";
    requires = "Requires";
    requisite = "Requisite";
    upholds = "Upholds";
    wants = "Wants";
  };

  # The options that are the same in every unit; then those that depend on its own.
  same = {
    options = lib.mapAttrs (_: key: units "Units for `${key}=`.") relations // {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = "Whether the unit may be started; if not, it is masked.";
      };
      description = mkOption {
        type = types.singleLineStr;
        default = "";
        description = "What the unit is, in one line.";
      };
      documentation = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "Addresses of documentation.";
      };
      aliases = units "Other names of the unit.";
      wantedBy = units "Units that want this one.";
      requiredBy = units "Units that require this one.";
      upheldBy = units "Units that uphold this one.";
      overrideStrategy = mkOption {
        type = types.enum [ "asDropinIfExists" "asDropin" ];
        default = "asDropinIfExists";
        description = "Whether the unit overrides parts of a packaged one of its name.";
      };
      restartTriggers = mkOption {
        type = types.listOf types.unspecified;
        default = [ ];
        description = "Values at whose change the unit is restarted.";
      };
      reloadTriggers = mkOption {
        type = types.listOf types.unspecified;
        default = [ ];
        description = "Values at whose change the unit is reloaded.";
      };
      startLimitBurst = mkOption {
        type = types.nullOr types.int;
        default = null;
        description = "How many starts are allowed in `startLimitIntervalSec`.";
      };
      startLimitIntervalSec = mkOption {
        type = types.nullOr types.int;
        default = null;
        description = "The time in which starts are counted, in seconds.";
      };
      unitConfig = mkOption {
        type = settings;
        default = { };
        example = { RequiresMountsFor = "/data"; };
        description = "Settings of the `[Unit]` section (`systemd.unit(5)`).";
      };
    };
  };
  own = kind: { name, config, ... }: {
    options.name = mkOption {
      type = types.str;
      default = "${name}.${kind}";
      defaultText = "the attribute's name and the kind of unit";
      description = "The unit's full name.";
    };
    config.unitConfig =
      let named = lib.filterAttrs (option: _: config.${option} != [ ]) relations; in
      lib.mapAttrs' (option: key: lib.nameValuePair key (toString config.${option})) named
      // lib.optionalAttrs (config.description != "") { Description = config.description; }
      // lib.optionalAttrs (config.documentation != [ ]) { Documentation = toString config.documentation; }
      // lib.optionalAttrs (config.startLimitBurst != null) { StartLimitBurst = toString config.startLimitBurst; }
      // lib.optionalAttrs (config.startLimitIntervalSec != null) {
        StartLimitIntervalSec = toString config.startLimitIntervalSec;
      };
  };
in
{
  inherit setting settings;

  # The modules of every unit; `kind` is its suffix.
  common = kind: [ same (own kind) ];
}
