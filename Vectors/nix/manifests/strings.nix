let
  keys = ''
    ssh-ed25519 AAAA-1 one
    ssh-ed25519 AAAA-2 two

    # comment
    ssh-ed25519 AAAA-3 three
  '';
  lines = builtins.filter (l: builtins.isString l && l != "" && builtins.substring 0 1 l != "#") (builtins.split "\n" keys);
in
{
  "lines.age".publicKeys = lines;
  "block.age".publicKeys = [ keys ];
  "empty.age".publicKeys = [ "" (builtins.head lines) "" ];
}
