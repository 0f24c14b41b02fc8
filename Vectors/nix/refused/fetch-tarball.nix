let
  source = fetchTarball "https://example.org/keys.tar.gz";
in
{ "a.age".publicKeys = import (source + "/keys.nix"); }
