# Files, looked at while a configuration is evaluated.
{ lib }:
let
  inherit (builtins) attrNames baseNameOf concatMap dirOf filter pathExists readDir;

  # What is at a path, from its directory's entries.
  entryType = path:
    if ! pathExists path
    then throw "lib.filesystem.pathType: Path ${toString path} does not exist."
    else if dirOf path == path then "directory"
    else (readDir (dirOf path)).${baseNameOf path};

  pathType = builtins.readFileType or entryType;

  pathIsDirectory = path: pathExists path && pathType path == "directory";

  listFilesRecursive = directory:
    let entries = readDir directory;
    in
    concatMap (name:
      let path = directory + "/${name}";
      in if entries.${name} == "directory" then listFilesRecursive path else [ path ])
      (attrNames entries);

  packagesFromDirectoryRecursive =
    { callPackage, directory, ... }@arguments:
    let
      entries = readDir directory;
      below = name: packagesFromDirectoryRecursive (arguments // { directory = directory + "/${name}"; });
      attribute = name:
        if entries.${name} == "directory" then { ${name} = below name; }
        else if entries.${name} == "regular" && lib.strings.hasSuffix ".nix" name
        then { ${lib.strings.removeSuffix ".nix" name} = callPackage (directory + "/${name}") { }; }
        else { };
    in
    if pathExists (directory + "/package.nix") then callPackage (directory + "/package.nix") { }
    else lib.attrsets.mergeAttrsList (map attribute (attrNames entries));
in
{
  # What is at a path: "regular", "directory", "symlink" or "unknown".
  inherit pathType;
  inherit pathIsDirectory;
  pathIsRegularFile = path: pathExists path && pathType path == "regular";

  # All files below a directory, as paths.
  inherit listFilesRecursive;

  # The nearest directory above a path in which a name matches: `{ path, matches }`, or null.
  locateDominatingFile = pattern: file:
    let
      search = directory:
        let
          matches = filter (match: match != null)
            (map (builtins.match pattern) (attrNames (readDir directory)));
        in
        if matches != [ ] then { path = directory; inherit matches; }
        else if dirOf directory == directory then null
        else search (dirOf directory);
      isDirectory = dirOf file == file || (readDir (dirOf file)).${baseNameOf file} or null == "directory";
    in
    search (if isDirectory then file else dirOf file);

  # A directory's `default.nix`, or the file itself.
  resolveDefaultNix = path:
    if lib.strings.hasSuffix "/" (toString path) || pathIsDirectory path
    then path + "/default.nix"
    else path;

  # What a function makes of every `.nix` file of a directory, by name.
  inherit packagesFromDirectoryRecursive;
}
