# What the machine atlas should have: `sudo adage switch backup.nix` makes it so. It is a NixOS module, too.
{ config, ... }:
{
  # The example's own host key. A real machine leaves this out and uses its keys in /etc/ssh.
  age.identityPaths = [ ./keys/atlas ];

  age.secrets."restic/password".file = ./restic/password.age;
  age.secrets."restic/repo".file = ./restic/repo.age;
  age.secrets."restic/env" = {
    file = ./restic/env.age;
    mode = "0440";
  };

  services.restic.backups.daily = {
    initialize = true;
    environmentFile = config.age.secrets."restic/env".path;
    repositoryFile = config.age.secrets."restic/repo".path;
    passwordFile = config.age.secrets."restic/password".path;
    paths = [ "/home/arthur/documents" ];
    pruneOpts = [
      "--keep-daily 7"
      "--keep-weekly 5"
      "--keep-monthly 12"
    ];
  };
}
