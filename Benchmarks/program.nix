# Code as a module system consists of it: functions of sets with defaults, folds, merges, strings.
let
  inherit (builtins) attrNames concatLists concatMap concatStringsSep elem filter foldl' genList
    genericClosure getAttr hasAttr head isAttrs isFunction isList length listToAttrs map mapAttrs
    substring stringLength tail toString zipAttrsWith;
  id = x: x;
  optional = condition: value: if condition then [ value ] else [ ];
  optionalAttrs = condition: set: if condition then set else { };
  nameValuePair = name: value: { inherit name value; };
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  filterAttrs = keep: set: listToAttrs (concatMap (name: optional (keep name set.${name}) (nameValuePair name set.${name})) (attrNames set));
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  recursiveUpdate = left: right: zipAttrsWith (name: values:
    if length values == 2 && isAttrs (head values) && isAttrs (head (tail values))
    then recursiveUpdate (head (tail values)) (head values)
    else head values) [ right left ];
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  discharge = def:
    if def._type or "" == "if" then (if def.condition then discharge def.content else [ ])
    else [ def ];
  filterOverrides = defs:
    let
      priority = def: if def.value._type or "" == "override" then def.value.priority else 100;
      highest = foldl' (least: def: let p = priority def; in if p < least then p else least) 9999 defs;
      strip = def: if def.value._type or "" == "override" then def // { value = def.value.content; } else def;
    in concatMap (def: optional (priority def == highest) (strip def)) defs;
  mkOption = { default ? null, merge ? (defs: (head defs).value), apply ? id, ... }@args: args // { _type = "option"; inherit default merge apply; };
  types = {
    str = defs: (head defs).value;
    lines = defs: concatStringsSep "\n" (map (def: def.value) defs);
    listOf = defs: concatLists (map (def: def.value) defs);
    attrs = defs: foldl' (all: def: all // def.value) { } defs;
  };
  serviceOptions = { name, config }: {
    description = mkOption { default = "service ${name}"; merge = types.str; };
    enable = mkOption { default = true; };
    wantedBy = mkOption { default = [ ]; merge = types.listOf; };
    environment = mkOption { default = { }; merge = types.attrs; };
    script = mkOption { default = ""; merge = types.lines; apply = text: "set -e\n" + text; };
    user = mkOption { default = "root"; };
    group = mkOption { default = config.user; };
    path = mkOption { default = [ ]; merge = types.listOf; apply = map toString; };
  };
  evalOption = { name, option, definitions }:
    let
      found = filterOverrides (concatMap ({ file, value }: map (value: { inherit file value; }) (discharge value)) definitions);
    in option.apply (if found == [ ] then option.default else option.merge found);
  evalModules = { name, options, modules }:
    let
      config = mapAttrs (key: option: evalOption {
        name = "${name}.${key}";
        inherit option;
        definitions = concatMap (module: optional (hasAttr key module.config) { inherit (module) file; value = module.config.${key}; }) modules;
      }) (options { inherit name config; });
    in config;
  service = index:
    let name = "service-${toString index}"; in
    nameValuePair name (evalModules {
      inherit name;
      options = serviceOptions;
      modules = [
        { file = "one.nix"; config = { description = "The ${name}"; wantedBy = [ "multi-user.target" ]; environment.A = "1"; }; }
        { file = "two.nix"; config = { user = mkDefault "nobody"; environment = { B = toString index; } // optionalAttrs (index > 10) { C = "x"; }; script = "echo ${name}"; }; }
        { file = "three.nix"; config = { user = mkIf (index < 20) (mkForce "daemon"); script = mkIf (hasPrefix "service-1" name) "echo one"; path = [ "/bin/${name}" ]; }; }
      ];
    });
  secretOptions = { name, config }: {
    file = mkOption { };
    name = mkOption { default = name; };
    path = mkOption { default = "/run/agenix/${config.name}"; };
    mode = mkOption { default = "0400"; };
    owner = mkOption { default = "0"; };
    group = mkOption { default = if config.owner == "0" then "0" else config.owner; };
    symlink = mkOption { default = true; };
  };
  secret = index:
    let name = "secrets/secret-${toString index}"; in
    nameValuePair name (evalModules {
      inherit name;
      options = secretOptions;
      modules = [
        { file = "secrets.nix"; config = { file = "/etc/${name}.age"; owner = mkIf (index > 250) "user-${toString index}"; }; }
      ];
    });
  services = listToAttrs (genList service 50);
  secrets = listToAttrs (genList secret 500);
  closure = genericClosure {
    startSet = [ { key = 0; } ];
    operator = item: filter (next: next.key < 2000) [ { key = item.key * 2 + 1; } { key = item.key * 2 + 2; } ];
  };
  fibonacci = n: if n < 2 then n else fibonacci (n - 1) + fibonacci (n - 2);
  words = genList (index: "word-${toString index}") 2000;
in
{
  inherit services secrets;
  units = mapAttrsToList (name: { description, environment, script, wantedBy, ... }: "${name}: ${description} ${concatStringsSep " " (mapAttrsToList (key: value: "${key}=${value}") environment)} ${script}") services;
  merged = recursiveUpdate services { service-1.user = "other"; service-2.environment.D = "d"; };
  own = attrNames (filterAttrs (name: secret: secret.owner != "0") secrets);
  closed = length closure;
  fibonacci = fibonacci 18;
  count = foldl' (sum: word: sum + stringLength word) 0 words;
  known = length (filter (word: elem word [ "word-1" "word-2" "word-3" ]) words);
}
