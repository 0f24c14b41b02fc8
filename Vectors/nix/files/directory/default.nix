"the directory's default: ${import ./sibling.nix}"
