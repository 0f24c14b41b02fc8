# Strings, which are bytes: a character beyond ASCII counts as several.
{ lib }:
let
  inherit (builtins)
    attrNames concatStringsSep elem elemAt filter foldl' fromJSON genList head isAttrs isBool isInt
    isList isPath isString length listToAttrs map match replaceStrings split stringLength substring
    tail toJSON toString typeOf;
  inherit (lib.trivial) max min;

  concatStrings = concatStringsSep "";
  concatMapStrings = f: strings: concatStrings (map f strings);
  concatMapStringsSep = separator: f: strings: concatStringsSep separator (map f strings);

  characters = text: genList (index: substring index 1 text) (stringLength text);

  lowerChars = characters "abcdefghijklmnopqrstuvwxyz";
  upperChars = characters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;

  # The numbers of the characters that are text in ASCII.
  ascii =
    let
      printable = characters
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
      table = lib.lists.imap0 (index: name: { inherit name; value = index + 32; }) printable;
    in
    listToAttrs table // { "\t" = 9; "\n" = 10; "\r" = 13; };

  charToInt = character:
    ascii.${character} or (throw
      "lib.strings.charToInt: ${toJSON character} is no character of ASCII that is text");

  # Two hexadecimal digits.
  hex = number: (if number < 16 then "0" else "") + lib.trivial.toHexString number;

  escape = special: replaceStrings special (map (character: "\\" + character) special);
  escapeRegex = escape (characters "\\[{()^$?*+|.");
  escapeNixString = text: escape [ "$" ] (toJSON text);

  keywords = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];

  # A path is not found in a string, and who looks for one seldom means it.
  pathIn = function: path:
    lib.trivial.warn
      "lib.strings.${function}: the first argument, ${toString path}, is a path; only a string can be found in a string"
      false;

  hasPrefix = prefix: text:
    if isPath prefix then pathIn "hasPrefix" prefix
    else substring 0 (stringLength prefix) text == prefix;

  hasSuffix = suffix: text:
    let rest = stringLength text - stringLength suffix;
    in
    if isPath suffix then pathIn "hasSuffix" suffix
    else rest >= 0 && substring rest (-1) text == suffix;

  removeSuffix = suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text
    else text;

  splitString = separator: text:
    filter isString (split (escapeRegex (toString separator)) (toString text));

  splitStringBy = predicate: keepSplit: text:
    let
      size = stringLength text;
      isStart = index:
        predicate (if index == 0 then "" else substring (index - 1) 1 text) (substring index 1 text);
      starts = filter isStart (genList (index: index) size);
      count = length starts;
      part = number:
        let
          start = if number == 0 then 0
            else elemAt starts (number - 1) + (if keepSplit then 0 else 1);
          end = if number == count then size else elemAt starts number;
        in
        substring start (end - start) text;
    in
    genList part (count + 1);

  isStringLike = value: isString value || isPath value || value ? outPath || value ? __toString;

  isConvertibleWithToString = value:
    isStringLike value
    || elem (typeOf value) [ "null" "int" "float" "bool" ]
    || (isList value && builtins.all isConvertibleWithToString value);

  # A word for a shell, in quotes if it needs them.
  escapeShellArg = value:
    let text = toString value;
    in
    if match "[[:alnum:],._+:@%/-]+" text != null then text
    else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;

  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;

  toShellVar = name: value:
    if ! isValidPosixName name
    then throw "toShellVar: ${name} is not a valid shell variable name"
    else if isList value then "declare -a ${name}=(${escapeShellArgs value})"
    else if isAttrs value && ! isStringLike value
    then "declare -A ${name}=(${
      concatMapStringsSep " " (key: "[${escapeShellArg key}]=${escapeShellArg value.${key}}")
        (attrNames value)
    })"
    else "${name}=${escapeShellArg value}";

  trimWith = { start ? false, end ? false }: text:
    let
      blanks = "[ \t\r\n]*";
      before = if start then stringLength (head (match "(${blanks}).*" text)) else 0;
      rest = substring before (-1) text;
      # What is blank to its end was taken off at the start, or goes whole.
      kept = match "(.*[^ \t\r\n])${blanks}" rest;
    in
    if ! end then rest else if kept == null then "" else head kept;

  makeSearchPath = directory: paths:
    concatMapStringsSep ":" (path: path + "/" + directory) (filter (path: path != null) paths);
  makeSearchPathOutput = output: directory: packages:
    makeSearchPath directory (map (lib.attrsets.getOutput output) packages);

  fixedWidthString = width: filler: text:
    let
      missing = width - stringLength text;
      times = missing / stringLength filler;
    in
    if missing < 0
    then throw "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString (stringLength text)})"
    else if missing == 0 then text
    else if times * stringLength filler != missing
    then throw "fixedWidthString: ${toString missing} characters cannot be filled with ${toJSON filler}"
    else concatStrings (genList (_: filler) times) + text;

  enableOrDisable = yes: no: enabled: feature:
    if ! isBool enabled
    then throw "lib.strings: whether '--${yes}-…' is a boolean, not a ${typeOf enabled}"
    else if ! isString feature
    then throw "lib.strings: the name behind '--${yes}-' is a string, not a ${typeOf feature}"
    else "--${if enabled then yes else no}-${feature}";
  enableFeature = enableOrDisable "enable" "disable";
  withFeature = enableOrDisable "with" "without";

  toSentenceCase = text:
    if ! isString text
    then throw "toSentenceCase does only accepts string values, but got ${typeOf text}"
    else toUpper (substring 0 1 text) + toLower (substring 1 (-1) text);

  # The digits of an integer, without what is around them; null if it is none.
  integerIn = match "[[:space:]]*(-?)([0-9]+)[[:space:]]*";
  noInteger = function: text: throw "${function}: Could not convert ${escapeNixString text} to int.";

  toIntBase10 = text:
    let
      parts = integerIn text;
      digits = elemAt parts 1;
      significant = head (match "0*(.+)" digits);
      value = fromJSON (head parts + significant);
    in
    if parts == null || ! isInt value then noInteger "toIntBase10" text else value;

  # How many characters two strings have in common at the start, or at the end.
  commonLength = characterOf: a: b:
    let shorter = min (stringLength a) (stringLength b);
    in lib.lists.findFirstIndex (index: characterOf index a != characterOf index b) shorter
      (genList (index: index) shorter);
  commonPrefixLength = commonLength (index: text: substring index 1 text);
  commonSuffixLength = commonLength (index: text: substring (stringLength text - 1 - index) 1 text);

  # The edit distance of two strings, or more than the limit where it is more: row by row of the
  # table of distances between their beginnings, and of a row what is near its diagonal.
  editDistance = limit: a: b:
    let
      tooFar = limit + 1;
      columns = characters b;
      width = length columns + 1;
      # The row for one more character of a.
      next = row: index:
        let
          character = substring (index - 1) 1 a;
          cell = column:
            if column < index - limit || column > index + limit then tooFar
            else if column == 0 then index
            else
              let
                diagonal = elemAt row (column - 1);
                above = elemAt row column;
                before = elemAt cells (column - 1);
                least = if above < before then above else before;
              in
              if character == elemAt columns (column - 1) then diagonal
              else 1 + (if diagonal < least then diagonal else least);
          cells = genList cell width;
        in
        # From the left, each from the one before it: a row costs no depth.
        foldl' (cells: number: builtins.seq number cells) cells cells;
    in
    elemAt (foldl' next (genList (column: column) width) (lib.lists.range 1 (stringLength a)))
      (width - 1);
in
{
  inherit (builtins)
    compareVersions concatStringsSep elem elemAt filter fromJSON genList head isAttrs isInt isList
    isPath isString match parseDrvName readFile replaceStrings split storeDir stringLength substring
    tail toJSON typeOf unsafeDiscardStringContext;

  # Putting together

  # All strings, one after the other; of what a function gives of each.
  inherit concatStrings concatMapStrings;
  concatImapStrings = f: strings: concatStrings (lib.lists.imap1 f strings);

  # All strings with a separator between them; of what a function gives of each, of the position
  # (from 1) and each, of the name and value of each attribute.
  join = concatStringsSep;
  inherit concatMapStringsSep;
  concatImapStringsSep = separator: f: strings:
    concatStringsSep separator (lib.lists.imap1 f strings);
  concatMapAttrsStringSep = separator: f: set:
    concatMapStringsSep separator (name: f name set.${name}) (attrNames set);

  # All strings, each with a newline behind it.
  concatLines = concatMapStrings (line: line + "\n");

  # A list with a separator between the elements.
  intersperse = separator: list:
    if list == [ ] then [ ]
    else [ (head list) ] ++ builtins.concatMap (element: [ separator element ]) (tail list);

  # A string as often as wanted.
  replicate = count: text: concatStrings (genList (_: text) count);

  # A string where the condition holds, else the empty one.
  optionalString = condition: text: if condition then text else "";

  # A directory below each of some paths, for variables such as PATH; null is left out. Below an
  # output of each of some packages.
  inherit makeSearchPath makeSearchPathOutput;
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";

  # The second string, with the context of the first.
  addContextFrom = from: text: substring 0 0 from + text;

  # Looking

  inherit hasPrefix hasSuffix;
  hasInfix = infix: text:
    if isPath infix then pathIn "hasInfix" infix
    else infix == "" || replaceStrings [ infix ] [ "" ] "${text}" != "${text}";

  # How far the same two strings begin or end.
  inherit commonPrefixLength commonSuffixLength;

  # How many insertions, deletions and replacements of a character make one string of another;
  # whether no more than a number of them.
  levenshtein = a: b: editDistance (max (stringLength a) (stringLength b)) a b;
  levenshteinAtMost = limit: a: b:
    if limit <= 0 then a == b
    else
      let
        difference = stringLength a - stringLength b;
        start = commonPrefixLength a b;
        aRest = substring start (-1) a;
        bRest = substring start (-1) b;
        end = commonSuffixLength aRest bRest;
      in
      difference <= limit && difference >= - limit
      && editDistance limit (substring 0 (stringLength aRest - end) aRest)
        (substring 0 (stringLength bRest - end) bRest) <= limit;

  # Taking apart

  # A list of single characters; a function of each, put together.
  stringToCharacters = characters;
  stringAsChars = f: text: concatMapStrings f (characters text);

  # The parts between a separator; between, or from, characters for which a predicate of the one
  # before and itself holds.
  inherit splitString splitStringBy;

  # A string without what it begins or ends with.
  removePrefix = prefix: text:
    if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  inherit removeSuffix;

  # A string without blanks and newlines at both ends, or at those that are asked for.
  trim = trimWith { start = true; end = true; };
  inherit trimWith;

  # A path without repeated slashes.
  normalizePath = path:
    concatStringsSep "/" (filter isString (split "/+" (toString path)));

  # Replacing

  replaceString = from: to: replaceStrings [ from ] [ to ];
  replaceChars = replaceStrings;
  inherit lowerChars upperChars toLower toUpper toSentenceCase;

  # Words that are told apart by blanks, hyphens, underscores or capitals, as one: likeThis.
  toCamelCase = text:
    let
      words = builtins.concatMap
        (splitStringBy (before: after: match "[a-z]" before != null && match "[A-Z]" after != null) true)
        (splitStringBy (before: after: elem after [ "-" "_" " " ]) false text);
    in
    if ! isString text
    then throw "toCamelCase does only accepts string values, but got ${typeOf text}"
    else toLower (head words) + concatMapStrings toSentenceCase (tail words);

  # Escaping

  # A backslash before each of some strings; their number instead of each.
  inherit escape;
  escapeC = special:
    replaceStrings special (map (character: "\\x" + toLower (hex (charToInt character))) special);

  inherit escapeShellArg escapeShellArgs;

  # What matches a string and nothing else.
  inherit escapeRegex;

  # A string as Nix writes it; a name, in quotes if it needs them.
  inherit escapeNixString;
  escapeNixIdentifier = name:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null && ! elem name keywords then name
    else escapeNixString name;

  # A string for a URL's query, or for the text of XML.
  escapeURL =
    let
      reserved = filter (character: match "[A-Za-z0-9._~-]" character == null) (attrNames ascii);
    in
    replaceStrings reserved (map (character: "%" + hex ascii.${character}) reserved);
  escapeXML = replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];

  # Shell

  inherit isValidPosixName;

  # A variable's declaration: a string, an array of a list, an associative array of a set.
  inherit toShellVar;
  toShellVars = variables:
    concatMapStringsSep "\n" (name: toShellVar name variables.${name}) (attrNames variables);

  # Numbers

  # The integer that a string spells, between blanks; leading zeros are an error, or are skipped.
  toInt = text:
    let
      parts = integerIn text;
      value = fromJSON (concatStrings parts);
    in
    if parts == null then noInteger "toInt" text
    else if match "0[0-9]+" (elemAt parts 1) != null
    then throw "toInt: Ambiguity in interpretation of ${escapeNixString text} between octal and zero padded integer."
    else if ! isInt value then noInteger "toInt" text
    else value;
  inherit toIntBase10;

  # A float as a string, with a warning if it is not all of it.
  floatToString = number:
    let text = toString number;
    in
    lib.trivial.warnIf (fromJSON text != number)
      "Imprecise conversion from float to string ${text}" text;

  # A string or number filled up at the left to a width.
  inherit fixedWidthString;
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);

  inherit charToInt;

  # Kinds of values

  # Whether an interpolation takes a value; whether `toString` does.
  inherit isStringLike isConvertibleWithToString;
  isCoercibleToString = value: isStringLike value;
  isStorePath = value:
    isStringLike value && (
      let text = toString value;
      in hasPrefix "/" text
        && (builtins.dirOf text == builtins.storeDir || match "/[0-9a-z]{52}" text != null));

  # Versions and packages

  # Whether the first version is older, or is not older, than the second.
  versionOlder = a: b: builtins.compareVersions a b < 0;
  versionAtLeast = a: b: builtins.compareVersions a b >= 0;

  # The name and version of a package, or of its full name.
  getName = package:
    if isString package then (builtins.parseDrvName package).name
    else package.pname or (builtins.parseDrvName package.name).name;
  getVersion = package:
    if isString package then (builtins.parseDrvName package).version
    else package.version or (builtins.parseDrvName package.name).version;

  # The name in a URL's last component, up to a separator.
  nameFromURL = url: separator:
    let
      file = lib.lists.last (splitString "/" url);
      name = head (splitString separator file);
    in
    if name == file
    then throw "nameFromURL: there is no ${toJSON separator} in ${toJSON file}"
    else name;

  # A string as a name that Nix accepts for a derivation.
  sanitizeDerivationName = text:
    let
      given = builtins.unsafeDiscardStringContext text;
      withoutDots = head (match "[.]*(.*)" given);
      replaced = concatMapStrings (part: if isList part then "-" else part)
        (split "[^[:alnum:]+._?=-]+" withoutDots);
      cut = substring (max 0 (stringLength replaced - 207)) (-1) replaced;
    in
    if cut == "" then "unknown" else cut;

  # An option of a configure script, on or off, or with a value where it is on.
  inherit enableFeature withFeature;
  enableFeatureAs = enabled: feature: value:
    enableFeature enabled feature + (if enabled then "=${value}" else "");
  withFeatureAs = enabled: feature: value:
    withFeature enabled feature + (if enabled then "=${value}" else "");

  # Files

  # A file's text without the newline at its end.
  fileContents = file: removeSuffix "\n" (builtins.readFile file);
}
