# Texts that need others before them: `{ text, deps }`, or a string that needs none, by name.
{ lib }:
let
  # The texts that names mean, and before each what it needs, each once.
  textClosureList = texts: names:
    let
      add = seen: name:
        if builtins.isAttrs name then text seen name
        else if seen.done ? ${name} then seen
        else text { inherit (seen) list; done = seen.done // { ${name} = true; }; } texts.${name};
      text = seen: entry:
        let before = builtins.foldl' add seen (entry.deps or [ ]);
        in { inherit (before) done; list = before.list ++ [ (entry.text or entry) ]; };
    in
    (builtins.foldl' add { list = [ ]; done = { }; } names).list;
in
{
  inherit textClosureList;

  # The same as one text, of what a function gives of each.
  textClosureMap = f: texts: names:
    builtins.concatStringsSep "\n" (map f (textClosureList texts names));

  # A text that needs nothing, or some others; nothing but others.
  noDepEntry = text: { inherit text; deps = [ ]; };
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: { inherit deps; text = ""; };
  stringAfter = deps: text: { inherit text deps; };
}
