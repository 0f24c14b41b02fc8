# The modules that say what a configuration may set here. They stand before the user's, as NixOS's own do.
[ ./machine.nix ./age.nix ./systemd.nix ./restic.nix ]
