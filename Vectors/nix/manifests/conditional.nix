let
  inherit (builtins) pathExists readFile elem filter hasAttr;
  maybe = path: if pathExists path then [ (readFile path) ] else [ ];
  env = builtins.getEnv "ADAGE_TEST_UNSET";
in
assert env == "";
{
  "maybe.age".publicKeys = maybe ./keys/alice.pub ++ maybe ./keys/nobody.pub;
  "fallback.age".publicKeys = [ ({ }.key or "ssh-ed25519 AAAA-fallback") ];
  "tried.age".publicKeys = (x: if x.success then x.value else [ "ssh-ed25519 AAAA-caught" ]) (builtins.tryEval (throw "no"));
  "unique.age".publicKeys = builtins.foldl' (acc: k: if elem k acc then acc else acc ++ [ k ]) [ ] [ "a" "b" "a" ];
}
