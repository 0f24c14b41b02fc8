let
  mkSecret = { keys, armor ? false, ... }@args: {
    publicKeys = keys;
  } // (if armor then { inherit armor; } else { });
  key = n: "ssh-ed25519 AAAA-${toString n}";
  range = from: to: if from > to then [ ] else [ from ] ++ range (from + 1) to;
  optional = c: x: if c then [ x ] else [ ];
in
rec {
  "plain.age" = mkSecret { keys = map key (range 1 3); };
  "armored.age" = mkSecret { keys = [ (key 4) ]; armor = true; comment = "ignored"; };
  "same.age" = { inherit (mkSecret { keys = optional (1 < 2) (key 5) ++ optional false (key 6); }) publicKeys; };
}
