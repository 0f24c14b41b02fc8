let
  keys = import ./keys.nix;
  inherit (keys) users hosts;
in
with users;
{
  "alice.age".publicKeys = [ alice ];
  "both.age".publicKeys = [ alice bob ];
  "host.age".publicKeys = [ alice ] ++ (with hosts; [ atlas borea ]);
}
