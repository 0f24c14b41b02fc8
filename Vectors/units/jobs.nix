{ config, pkgs, ... }:
{
  age.identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  age.secrets.password.file = ./password.age;
  age.secrets."password.old".file = ./password.age;
  age.secrets.placed = { file = ./x.age; path = "/etc/x 100%"; };
  services.restic.backups = {
    local = {
      repository = "/srv/back up"; passwordFile = config.age.secrets.password.path; user = "arthur";
      paths = [ "/home/arthur" ]; loadCredentials = true; maxAge = "36h"; createWrapper = false;
    };
    script = {
      repository = "rest:http://localhost/"; passwordFile = config.age.secrets."password.old".path;
      dynamicFilesFrom = "ls -d /x*"; timerConfig = null;
      backupPrepareCommand = "cat '/etc/x 100%'";
    };
    remote = {
      repository = "b2:bucket"; passwordFile = config.age.secrets.password.path; paths = [ "/home" ];
      harden = true; timerConfig.OnCalendar = "weekly";
    };
  };
  systemd.services = {
    restic-backups-remote.serviceConfig.ProtectHome = false;
    reader = {
      wantedBy = [ "multi-user.target" ];
      script = "${pkgs.writeShellScript "inner" "cat ${config.age.secrets.password.path}"}";
    };
    off.enable = false;
    getty = { overrideStrategy = "asDropin"; serviceConfig.Nice = 5; };
    stranger = {
      script = "true # /run/agenix/passwords /run/agenix";
      aliases = [ "friend.service" ]; requiredBy = [ "reader.service" ];
    };
  };
  systemd.tmpfiles.rules = [ "d /srv/backup 0700 root root -" ];
}
