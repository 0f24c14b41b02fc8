# Versions, such as "1.2.3".
{ lib }:
let
  splitVersion = builtins.splitVersion;

  part = index: version: builtins.elemAt (splitVersion version) index;
  majorMinor = version: builtins.concatStringsSep "." (lib.lists.take 2 (splitVersion version));

  # As many parts as wanted; zeros where there are not enough.
  pad = count: version:
    let
      parts = lib.strings.splitString "-" version;
      numbers = lib.lists.take count (splitVersion (builtins.head parts));
      zeros = lib.lists.replicate (count - builtins.length numbers) "0";
    in
    builtins.concatStringsSep "-"
      ([ (builtins.concatStringsSep "." (numbers ++ zeros)) ] ++ builtins.tail parts);
in
{
  inherit splitVersion majorMinor pad;
  major = part 0;
  minor = part 1;
  patch = part 2;
}
