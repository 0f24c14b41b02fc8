let
  unused = import <nothing> { };
  try = builtins.tryEval <nothing>;
in
{ "a.age".publicKeys = if try.success then [ "x" ] else [ "y" ]; }
