# Backup jobs, as NixOS declares them: each becomes a service and a timer.
{ config, lib, pkgs, planned, ... }:
let
  inherit (lib) concatStringsSep mkOption optional optionalAttrs optionalString types;
  unit = import ./unit-types.nix { inherit lib; };
  jobs = config.services.restic.backups;

  strings = description: mkOption {
    type = types.listOf types.str;
    default = [ ];
    inherit description;
  };
  orNull = type: description: mkOption {
    type = types.nullOr type;
    default = null;
    inherit description;
  };

  # What is the same in every job; then what depends on its own options.
  sameInAll = {
    options = {
      passwordFile = orNull types.str "A file with the repository's password.";
      environmentFile = orNull types.str
        "A file of environment variables (`systemd.exec(5)`), such as an object store's credentials.";
      repository = orNull types.str "Where the backups go.";
      repositoryFile = orNull types.path "A file that says where the backups go.";
      settings = mkOption {
        type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.int types.float types.bool types.path ]));
        default = { };
        example = { RESTIC_REPOSITORY_FILE = "/run/agenix/restic/repo"; };
        description = "Environment variables of restic, in place of `repository`, `repositoryFile` and `passwordFile`.";
      };
      paths = mkOption {
        type = types.nullOr (types.listOf types.str);
        default = [ ];
        description = "What is backed up.";
      };
      command = strings "A command whose standard output is what is backed up.";
      exclude = strings "Patterns of what is left out.";
      dynamicFilesFrom = orNull types.str "A script that prints paths to back up.";
      timerConfig = mkOption {
        type = types.nullOr unit.settings;
        default = { OnCalendar = "daily"; Persistent = true; };
        description = "When the job runs (`systemd.timer(5)`); null means that nothing starts it.";
      };
      user = mkOption {
        type = types.str;
        default = "root";
        description = "The user that the job runs as.";
      };
      extraBackupArgs = strings "More of the command line of `restic backup`.";
      extraOptions = strings "Options for every call of restic, given with `-o`.";
      initialize = mkOption {
        type = types.bool;
        default = false;
        description = "Whether a repository that is not there is made.";
      };
      pruneOpts = strings "Which backups are kept, for `restic forget --prune`; empty means that all are.";
      checkOpts = strings "Options of `restic check`.";
      backupPrepareCommand = orNull types.str "A script that runs before the backup.";
      backupCleanupCommand = orNull types.str "A script that runs after the backup, also when it failed.";
      rcloneOptions = orNull (types.attrsOf (types.either types.str types.bool)) "Options of rclone.";
      rcloneConfig = orNull (types.attrsOf (types.either types.str types.bool))
        "The configuration of rclone's remote, readable by everybody on the machine.";
      rcloneConfigFile = orNull types.path "A file with rclone's configuration.";
      inhibitsSleep = mkOption {
        type = types.bool;
        default = false;
        description = "Whether the machine is kept awake during the backup.";
      };
      package = mkOption {
        type = types.package;
        default = pkgs.restic;
        defaultText = lib.literalExpression "pkgs.restic";
        description = "The restic that is run.";
      };
      createWrapper = mkOption {
        type = types.bool;
        default = true;
        description = "Whether there is a command `restic-NAME` that runs restic with the job's environment.";
      };
      progressFps = orNull types.numbers.nonnegative "How often a second progress is reported.";

      # What NixOS does not have.
      strictPaths = mkOption {
        type = types.bool;
        default = false;
        description = "Whether a path that does not exist makes the job fail; if not, it is reported.";
      };
      maxAge = orNull types.str "After what time without a successful run that is a failure by itself, such as `36h` or `2d`.";
      harden = mkOption {
        type = types.nullOr types.bool;
        default = null;
        description = "Whether the job may do no more than a backup needs; null means unless it runs commands or scripts of its own.";
      };
      loadCredentials = mkOption {
        type = types.bool;
        default = false;
        description = "Whether the password and repository files come as systemd's credentials, so that the job's user need not be able to read them. When the cleanup command runs, they are gone.";
      };
      notify = {
        desktop = mkOption {
          type = types.either types.bool (types.listOf types.str);
          default = false;
          example = [ "arthur" ];
          description = "Whether a failure is shown on the desktops of everybody who is logged in, or of which users, at their next login if not now.";
        };
        command = orNull types.str "A script that runs as root when the job failed.";
        url = orNull types.str "An address that is told of the start, a success (as it is) and a failure (with `/start` and `/fail`).";
        urlFile = orNull types.str "A file with that address, if it is a secret.";
      };
    };
  };

  job = { config, ... }: {
    options.runCheck = mkOption {
      type = types.bool;
      default = config.checkOpts != [ ];
      defaultText = lib.literalExpression "checkOpts != [ ]";
      description = "Whether the repository is checked after the backup.";
    };
  };

  # ---- What a job runs ----

  # `--opt-name` of rclone as the variable that stands for it.
  rcloneOption = name: "RCLONE_${lib.toUpper (builtins.replaceStrings [ "-" ] [ "_" ] name)}";
  rcloneValue = value: if builtins.isBool value then lib.boolToString value else value;
  rcloneRemote = name: job:
    if job.repository == null then
      throw "services.restic.backups.${name}.rcloneConfig: the remote is named in `repository', which is not set here; use rcloneConfigFile"
    else builtins.elemAt (lib.splitString ":" job.repository) 1;

  environment = name: job:
    {
      RESTIC_CACHE_DIR = "/var/cache/restic-backups-${name}";
      RESTIC_PASSWORD_FILE = job.passwordFile;
      RESTIC_REPOSITORY = job.repository;
      RESTIC_REPOSITORY_FILE = job.repositoryFile;
    }
    // lib.mapAttrs
      (_: value: if value == null then null else if builtins.isBool value then lib.boolToString value else toString value)
      job.settings
    // optionalAttrs (job.rcloneOptions != null)
      (lib.mapAttrs' (n: v: lib.nameValuePair (rcloneOption n) (rcloneValue v)) job.rcloneOptions)
    // optionalAttrs (job.rcloneConfigFile != null) { RCLONE_CONFIG = job.rcloneConfigFile; }
    // optionalAttrs (job.rcloneConfig != null)
      (lib.mapAttrs'
        (n: v: lib.nameValuePair (lib.toUpper "RCLONE_CONFIG_${rcloneRemote name job}_${n}") (rcloneValue v))
        job.rcloneConfig)
    // optionalAttrs (job.progressFps != null) { RESTIC_PROGRESS_FPS = toString job.progressFps; };

  hasPaths = job: job.paths != null && job.paths != [ ] || job.dynamicFilesFrom != null;

  # On NixOS, systemd runs the steps; where the plan is carried out, `adage run-job` does.
  service = name: job:
    let
      unitName = "restic-backups-${name}";
      includes = "/run/${unitName}/includes";
      options = lib.concatMapStrings (option: " -o ${option}") job.extraOptions;
      inhibit = optionalString job.inhibitsSleep
        "${pkgs.systemd}/bin/systemd-inhibit --mode='block' --who='restic' --what='sleep' --why='Scheduled backup ${name}' ";
      restic = "${inhibit}${lib.getExe job.package}${options}";
      hasCommand = job.command != [ ];
      backsUp = hasPaths job || hasCommand;
      backup = [ "${restic} backup" ] ++ job.extraBackupArgs
        ++ optional (job.exclude != [ ]) "--exclude-file=${pkgs.writeText "exclude-patterns" (concatStringsSep "\n" job.exclude)}"
        ++ optional (hasPaths job) "--files-from=${includes}"
        ++ lib.optionals hasCommand ([ "--stdin-from-command=true" "--" ] ++ job.command);
    in
    {
      environment = environment name job;
      path = [ pkgs.openssh ];
      restartIfChanged = false;
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      serviceConfig = {
        Type = "oneshot";
        User = job.user;
        RuntimeDirectory = unitName;
        CacheDirectory = unitName;
        CacheDirectoryMode = "0700";
        PrivateTmp = true;
      }
      // optionalAttrs (job.environmentFile != null) { EnvironmentFile = job.environmentFile; }
      // optionalAttrs (!planned) {
        ExecStart = optional backsUp (concatStringsSep " " backup)
          ++ lib.optionals (job.pruneOpts != [ ]) [
            "${restic} unlock"
            "${restic} forget --prune ${concatStringsSep " " job.pruneOpts}"
          ]
          ++ optional job.runCheck "${restic} check ${concatStringsSep " " job.checkOpts}";
      };
    }
    // optionalAttrs (!planned && (job.initialize || hasPaths job || job.backupPrepareCommand != null)) {
      preStart = ''
        ${optionalString (job.backupPrepareCommand != null)
          "${pkgs.writeScript "backupPrepareCommand" job.backupPrepareCommand}"}
        ${optionalString job.initialize "${restic} cat config > /dev/null || ${restic} init"}
        ${optionalString (job.paths != null && job.paths != [ ])
          "cat ${pkgs.writeText "staticPaths" (lib.concatLines job.paths)} >> ${includes}"}
        ${optionalString (job.dynamicFilesFrom != null)
          "${pkgs.writeScript "dynamicFilesFromScript" job.dynamicFilesFrom} >> ${includes}"}
      '';
    }
    // optionalAttrs (!planned && (hasPaths job || job.backupCleanupCommand != null)) {
      postStop = ''
        ${optionalString (job.backupCleanupCommand != null)
          "${pkgs.writeScript "backupCleanupCommand" job.backupCleanupCommand}"}
        ${optionalString (hasPaths job) "rm -f ${includes}"}
      '';
    };

  # ---- What must hold ----

  count = lib.count (value: value);
  checks = name: job:
    let
      prefix = "services.restic.backups.${name}:";
      settings = job.settings;
      sources = count [
        (job.repository != null || settings.RESTIC_REPOSITORY or null != null)
        (job.repositoryFile != null || settings.RESTIC_REPOSITORY_FILE or null != null)
      ];
      spelledTwice = lib.filter (pair: job.${pair.option} != null && settings ? ${pair.variable}) [
        { option = "repository"; variable = "RESTIC_REPOSITORY"; }
        { option = "repositoryFile"; variable = "RESTIC_REPOSITORY_FILE"; }
        { option = "passwordFile"; variable = "RESTIC_PASSWORD_FILE"; }
      ];
      isEmpty = !hasPaths job && job.command == [ ] && job.pruneOpts == [ ] && !job.runCheck;
      hasPassword = job.passwordFile != null || job.environmentFile != null
        || lib.any (n: settings ? ${n}) [ "RESTIC_PASSWORD" "RESTIC_PASSWORD_FILE" "RESTIC_PASSWORD_COMMAND" ];
    in
    [
      {
        assertion = !(job.command != [ ] && hasPaths job);
        message = "${prefix} cannot do both a command backup and a file backup at the same time.";
      }
      {
        assertion = sources == 1 || job.environmentFile != null;
        message = "${prefix} exactly one of repository, repositoryFile or environmentFile should be set";
      }
      {
        assertion = hasPassword;
        message = "${prefix} passwordFile or environmentFile must be set";
      }
      {
        assertion = !isEmpty;
        message = "${prefix} there is nothing to back up, to prune or to check";
      }
      {
        assertion = job.notify.url == null || job.notify.urlFile == null;
        message = "${prefix} notify.url and notify.urlFile say the same thing; set one of them";
      }
    ]
    ++ map
      (pair: {
        assertion = false;
        message = "${prefix} ${pair.option} and settings.${pair.variable} say the same thing; set one of them";
      })
      spelledTwice;
in
{
  options.services.restic.backups = mkOption {
    type = types.attrsOf (types.submodule [ sameInAll job ]);
    default = { };
    description = "Backup jobs, by name.";
  };

  config = {
    assertions = lib.concatLists (lib.mapAttrsToList checks jobs);
    systemd.services = lib.mapAttrs' (name: job: lib.nameValuePair "restic-backups-${name}" (service name job)) jobs;
    systemd.timers = lib.mapAttrs'
      (name: job: lib.nameValuePair "restic-backups-${name}" {
        wantedBy = [ "timers.target" ];
        inherit (job) timerConfig;
      })
      (lib.filterAttrs (_: job: job.timerConfig != null) jobs);
  };
}
