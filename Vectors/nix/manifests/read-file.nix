let
  read = name: builtins.readFile (./keys + "/${name}.pub");
  alice = read "alice";
  bob = builtins.readFile ./keys/bob.pub;
  host = builtins.readFile ./hosts/atlas.pub;
in
{
  # with the newline that the file ends with, as agenix has it
  "newline.age".publicKeys = [ alice bob host ];
  "trimmed.age".publicKeys = map (builtins.replaceStrings [ "\n" ] [ "" ]) [ alice bob host ];
}
