# What the cases have in scope: `lib` with all its names, and these.
lib: lib // rec {
  inherit lib;

  eval = modules: lib.evalModules { inherit modules; };
  config = modules: (eval modules).config;
  options = modules: (eval modules).options;

  # An option of a type, with a default, and one that takes anything once.
  of = type: lib.mkOption { inherit type; };
  given = type: default: lib.mkOption { inherit type default; };
  any = lib.mkOption { };

  # The value of the option `x` of a type with definitions, each in a module of its own, the first module first.
  merged = type: definitions:
    (config ([ { options.x = of type; } ] ++ map (x: { inherit x; }) definitions)).x;

  # What an option shows of itself.
  shown = type: definitions:
    (options ([ { options.x = of type; } ] ++ map (x: { inherit x; }) definitions)).x;

  # Whether a value can be had.
  works = value: (builtins.tryEval (builtins.deepSeq value true)).success;
}
