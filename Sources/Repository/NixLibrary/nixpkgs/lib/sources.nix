# Directories of sources, and Git's repositories.
{ lib }:
let
  inherit (builtins) match pathExists readFile;
  inherit (lib.filesystem) pathIsDirectory;
  inherit (lib.strings) fileContents;

  # The commit of a repository: `{ value }`, or why there is none: `{ error }`.
  commit = path:
    let
      named = directory: name:
        let
          file = directory + "/${name}";
          packed = directory + "/packed-refs";
          common = directory + "/commondir";
          lines = lib.strings.splitString "\n" (readFile packed);
          found = builtins.filter (line: line != null)
            (map (match "([0-9a-f]{40,}) ${lib.strings.escapeRegex name}") lines);
          text = fileContents file;
          reference = match "ref: (.*)" text;
        in
        if pathExists file
        then if reference == null then { value = text; } else named directory (builtins.head reference)
        else if pathExists packed && found != [ ] then { value = builtins.head (builtins.head found); }
        else if pathExists common then named (elsewhere directory (fileContents common)) name
        else { error = "Not a .git directory: ${toString directory}"; };
      link = match "gitdir: (.*)" (fileContents path);
      elsewhere = directory: to:
        if lib.strings.hasPrefix "/" to then /. + to else directory + "/${to}";
    in
    if ! pathExists path then { error = "Not a .git directory: ${toString path}"; }
    else if pathIsDirectory path then named path "HEAD"
    else if link != null then named (elsewhere (builtins.dirOf path) (builtins.head link)) "HEAD"
    else { error = "File contained no gitdir reference: ${toString path}"; };
in
{
  # Whether a file is source: not what version control, editors and builds leave.
  cleanSourceFilter = name: type:
    let base = builtins.baseNameOf (toString name);
    in ! (
      (type == "directory" && builtins.elem base [ ".git" ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ])
      || lib.strings.hasSuffix "~" base
      || match "[.]sw[a-z]" base != null
      || match "[.].*[.]sw[a-z]" base != null
      || (type == "unknown")
      || (type == "symlink" && lib.strings.hasPrefix "result" base)
      || match ".*[.]s?o" base != null);

  # Whether a string refers to something in Nix's store; whether a source can be filtered.
  pathHasContext = builtins.hasContext or (lib.strings.hasPrefix builtins.storeDir);
  canCleanSource = source: source ? _isLibCleanSourceWith || ! lib.sources.pathHasContext (toString source);

  # The commit that a `.git` directory is at.
  commitIdFromGitRepo = path:
    let found = commit path;
    in found.value or (throw found.error);

  # Whether a path is a `.git` directory, or a file that leads to one.
  pathIsGitRepo = path: commit path ? value;

  # The revision, or the tag with its prefix: exactly one of the two.
  revOrTag = revision: tag:
    if revision != null && tag == null then revision
    else if tag != null && revision == null then "refs/tags/${tag}"
    else throw "either rev or tag must be given, and not both";
}
