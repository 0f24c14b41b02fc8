{
  value = import ./value.nix;
  function = import ./function.nix { x = 10; };
  directory = import ./directory;
  text = builtins.readFile ./plain.txt;
}
