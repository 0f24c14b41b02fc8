{ a = import ./value.nix; t = true; n = null; neg = 2 - 1; b = x: y + x; }
