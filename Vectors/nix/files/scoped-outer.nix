{ inner = import ./scoped-inner.nix; s = scopedImport { q = 7; } ./scoped-inner.nix; }
