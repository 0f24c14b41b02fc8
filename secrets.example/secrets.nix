# Which keys can read which file. THE KEYS OF THIS EXAMPLE ARE PUBLIC: never use them for anything.
let
  arthur = builtins.readFile ./keys/arthur.pub; # a person, who edits
  atlas = builtins.readFile ./keys/atlas.pub; # a machine, by its SSH host key
  recovery = "age1v9dlkd92h5zca04ct9xsvch6sx7jcdf082wfcj42n6x3qt8r33aqsw9qu8"; # kept in a drawer
  everyone = [
    arthur
    atlas
    recovery
  ];
in
{
  "restic/password.age".publicKeys = everyone;
  "restic/env.age".publicKeys = everyone;
  "restic/repo.age" = {
    publicKeys = everyone;
    armor = true;
  };
}
