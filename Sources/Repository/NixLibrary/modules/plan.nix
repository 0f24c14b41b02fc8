# A configuration as it is carried out: units with the lines of their files, and jobs with what they need.
{ config, lib, machine, pkgs }:
let
  inherit (lib) concatLists mapAttrsToList optional optionals;

  # ---- Units ----

  # A line feed at the end is how indented strings end; any other must follow a backslash.
  text = value: if builtins.isBool value then lib.boolToString value else lib.removeSuffix "\n" (toString value);
  # The lines of a section: several for a list, none for null.
  settings = section: concatLists (mapAttrsToList
    (key: value: map (v: { inherit key; value = text v; }) (lib.filter (v: v != null) (lib.toList value)))
    section);

  # A file among the triggers counts by its content.
  trigger = value:
    if builtins.isPath value && lib.pathIsRegularFile value then builtins.hashFile "sha256" value else toString value;
  triggers = key: values: optional (values != [ ]) {
    inherit key;
    value = builtins.hashString "sha256" (toString (map trigger values));
  };

  unit = value: section: {
    inherit (value) name enable aliases wantedBy requiredBy upheldBy;
    dropIn = value.overrideStrategy == "asDropin" || machine.hasUnit value.name;
    sections = [
      {
        name = "Unit";
        settings = settings value.unitConfig
          ++ triggers "X-Restart-Triggers" value.restartTriggers
          ++ triggers "X-Reload-Triggers" value.reloadTriggers;
      }
      section
    ];
  };

  environment = service: lib.mapAttrs (_: toString) (lib.filterAttrs (_: value: value != null) service.environment);

  service = value:
    unit value { name = "Service"; settings = settings (account value).unit; } // {
      environment = environment value;
      whenChanged =
        if value.reloadIfChanged then "reload"
        else if !value.restartIfChanged then "keep"
        else if value.stopIfChanged then "stop and start"
        else "restart";
    };
  timer = value:
    unit value { name = "Timer"; settings = settings value.timerConfig; } // {
      environment = { };
      whenChanged = "restart";
    };

  # ---- Jobs ----

  isTrue = value: lib.elem value [ true "true" "yes" "on" "1" ];
  words = values: lib.filter (word: word != "") (lib.concatMap (lib.splitString " ") (map toString (lib.toList values)));
  jobUnits = lib.mapAttrs' (name: _: lib.nameValuePair "restic-backups-${name}.service" true) config.services.restic.backups;

  # Whose rights a service has. Our own default of a job's user would be a user of that name to DynamicUser=, and so
  # nobody else.
  account = value:
    let
      own = value.serviceConfig;
      dynamic = isTrue (own.DynamicUser or false);
      isNobodys = dynamic && (own.User or null) == "root" && jobUnits ? ${value.name};
    in
    {
      inherit dynamic;
      user = if isNobodys then lib.removeSuffix ".service" value.name else toString (own.User or "root");
      unit = if isNobodys then removeAttrs own [ "User" ] else own;
    };

  script = name: command: if command == null then null else "${pkgs.writeScript name command}";

  seconds = { s = 1; min = 60; m = 60; h = 3600; d = 86400; w = 604800; };
  maximumAge = name: age:
    let parts = builtins.match "([1-9][0-9]{0,8}) *([a-z]+)" age; in
    if age == null then null
    else if parts == null || !seconds ? ${lib.last parts} then
      throw "services.restic.backups.${name}.maxAge: `${age}' is not a time such as 36h, 2d or 1w"
    else lib.toInt (lib.head parts) * seconds.${lib.last parts};

  job = name: value:
    let
      service = config.systemd.services."restic-backups-${name}";
      scripts = [ value.dynamicFilesFrom value.backupPrepareCommand value.backupCleanupCommand ];
      own = service.serviceConfig;
      ownCommands = lib.filter (key: lib.hasPrefix "Exec" key && key != "ExecSearchPath") (lib.attrNames own);
      runsOthers = value.command != [ ] || lib.any (s: s != null) scripts || ownCommands != [ ];
    in
    {
      inherit name;
      inherit (account service) user;
      dynamicUser = (account service).dynamic;
      group = if (own.Group or null) == null then null else toString own.Group;
      supplementaryGroups = words (own.SupplementaryGroups or [ ]);
      environmentFiles = lib.filter (file: file != "") (map toString (lib.toList (own.EnvironmentFile or [ ])));
      inherit (value) initialize pruneOpts inhibitsSleep strictPaths;
      restic = lib.getExe value.package;
      environment = environment service;
      paths = optionals (value.paths != null) value.paths;
      inherit (value) exclude command extraBackupArgs extraOptions;
      dynamicFilesFrom = script "dynamicFilesFromScript" value.dynamicFilesFrom;
      checkOpts = if value.runCheck then value.checkOpts else null;
      backupPrepareCommand = script "backupPrepareCommand" value.backupPrepareCommand;
      backupCleanupCommand = script "backupCleanupCommand" value.backupCleanupCommand;
      maximumAge = maximumAge name value.maxAge;
      wrapper = value.createWrapper;
      hardened = if value.harden != null then value.harden else !runsOthers;
      credentials = value.loadCredentials;
      notifyDesktop =
        if value.notify.desktop == true then null
        else if value.notify.desktop == false then [ ]
        else value.notify.desktop;
      notifyCommand = script "notifyCommand" value.notify.command;
      notifyUrl = value.notify.url;
      notifyUrlFile = value.notify.urlFile;
    };
in
{
  units = map service (lib.attrValues config.systemd.services) ++ map timer (lib.attrValues config.systemd.timers);
  jobs = mapAttrsToList job config.services.restic.backups;
  temporaryFiles = config.systemd.tmpfiles.rules;
}
