# Services and timers.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkIf mkMerge mkOption types;
  unit = import ./unit-types.nix { inherit lib; };

  lines = description: mkOption {
    type = types.lines;
    default = "";
    inherit description;
  };
  flag = default: description: mkOption { type = types.bool; inherit default description; };

  # A script of a service, as a file of its own.
  script = name: text: "${pkgs.writeShellScript name "set -e\n\n${text}\n"}";

  # Options of a service that are the same in all; then what follows from a service's own.
  serviceOptions = {
    options = {
      environment = mkOption {
        type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package ]));
        default = { };
        example = { LANG = "C.UTF-8"; };
        description = "Environment variables; null takes one away. They are readable by everybody on the machine.";
      };
      path = mkOption {
        type = types.listOf (types.oneOf [ types.package types.str ]);
        default = [ ];
        description = "Packages or directories whose `bin` and `sbin` make up PATH.";
      };
      serviceConfig = mkOption {
        type = unit.settings;
        default = { };
        example = { RestartSec = 5; };
        description = "Settings of the `[Service]` section (`systemd.service(5)`, `systemd.exec(5)`).";
      };
      script = lines "Shell commands that are the service's main process.";
      scriptArgs = mkOption {
        type = types.str;
        default = "";
        description = "Arguments for `script`; `%i` and the like are systemd's.";
      };
      preStart = lines "Shell commands before the main process starts.";
      postStart = lines "Shell commands after the main process started.";
      reload = lines "Shell commands that make the service read its configuration anew.";
      preStop = lines "Shell commands that stop the service.";
      postStop = lines "Shell commands after the service has stopped, also when it failed.";
      restartIfChanged = flag true "Whether a changed service is restarted.";
      reloadIfChanged = flag false "Whether a changed service is reloaded instead of restarted.";
      stopIfChanged = flag true "Whether a changed service is stopped with the old unit and started with the new one.";
      notSocketActivated = flag false "Whether the service is restarted even if a socket starts it.";
      startAt = mkOption {
        type = types.coercedTo types.str lib.toList (types.listOf types.str);
        default = [ ];
        example = "Sun 14:00:00";
        description = "When a timer starts the service (`systemd.time(7)`).";
      };
    };
  };
  serviceConfig = { name, config, ... }: {
    config = mkMerge [
      {
        path = lib.mkAfter [ pkgs.coreutils pkgs.findutils pkgs.gnugrep pkgs.gnused pkgs.systemd ];
        environment.PATH = mkIf (config.path != [ ])
          "${lib.makeBinPath config.path}:${lib.makeSearchPathOutput "bin" "sbin" config.path}";
      }
      (mkIf (config.preStart != "") { serviceConfig.ExecStartPre = [ (script "${name}-pre-start" config.preStart) ]; })
      (mkIf (config.script != "") { serviceConfig.ExecStart = "${script "${name}-start" config.script} ${config.scriptArgs}"; })
      (mkIf (config.postStart != "") { serviceConfig.ExecStartPost = [ (script "${name}-post-start" config.postStart) ]; })
      (mkIf (config.reload != "") { serviceConfig.ExecReload = script "${name}-reload" config.reload; })
      (mkIf (config.preStop != "") { serviceConfig.ExecStop = script "${name}-pre-stop" config.preStop; })
      (mkIf (config.postStop != "") { serviceConfig.ExecStopPost = script "${name}-post-stop" config.postStop; })
    ];
  };

  timer = {
    options.timerConfig = mkOption {
      type = unit.settings;
      default = { };
      example = { OnCalendar = "weekly"; Persistent = true; };
      description = "Settings of the `[Timer]` section (`systemd.timer(5)`).";
    };
  };
in
{
  options.systemd = {
    services = mkOption {
      type = types.attrsOf (types.submodule (unit.common "service" ++ [ serviceOptions serviceConfig ]));
      default = { };
      description = "Services, by name without `.service`.";
    };
    timers = mkOption {
      type = types.attrsOf (types.submodule (unit.common "timer" ++ [ timer ]));
      default = { };
      description = "Timers, by name without `.timer`.";
    };
  };

  config.systemd.timers = lib.mapAttrs
    (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    })
    (lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) config.systemd.services);
}
