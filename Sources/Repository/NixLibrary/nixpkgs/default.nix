# What `import <nixpkgs> { }` gives where there is no nixpkgs: its functions, and no packages.
arguments: {
  lib = import ./lib;
  system = arguments.system or builtins.currentSystem;
}
