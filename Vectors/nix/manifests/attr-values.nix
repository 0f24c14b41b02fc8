# users and hosts as sets, and groups of them
let
  users = {
    alice = "ssh-ed25519 AAAA-alice";
    bob = "ssh-ed25519 AAAA-bob";
  };
  hosts = {
    web = "ssh-ed25519 AAAA-web";
    db = "ssh-ed25519 AAAA-db";
  };
  allUsers = builtins.attrValues users;
  everyone = allUsers ++ builtins.attrValues hosts;
in
{
  "restic/password.age".publicKeys = everyone;
  "restic/env.age".publicKeys = allUsers ++ [ hosts.db ];
  "web/tls.key.age".publicKeys = [ users.alice hosts.web ];
}
