# Values as text in other languages. Each takes a set of settings, then the value.
{ lib }:
let
  inherit (builtins)
    attrNames concatStringsSep elem filter foldl' head isAttrs isBool isList isString length map
    mapAttrs replaceStrings split tail typeOf;
  inherit (lib.attrsets) isDerivation;
  inherit (lib.strings) concatMapStringsSep concatStrings escape escapeNixIdentifier escapeXML;
  inherit (lib.trivial) functionArgs isFunction;

  mkValueStringDefault = { }: value:
    let
      refuse = what:
        abort "generators.mkValueStringDefault: ${what} not supported: ${toPretty { } value}";
      text = {
        int = toString value;
        float = lib.strings.floatToString value;
        string = value;
        bool = if value then "true" else "false";
        null = "null";
        list = refuse "lists";
        set = if isDerivation value then toString value else refuse "attrsets";
        lambda = refuse "functions";
        path = refuse "paths";
      };
    in
    text.${typeOf value};

  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: separator: key: value:
    escape [ separator ] key + separator + mkValueString value;

  toKeyValue =
    { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }: set:
    let
      line = key: value: "${indent}${mkKeyValue key value}\n";
      lines = key:
        let value = set.${key};
        in
        if listsAsDuplicateKeys && isList value then concatStrings (map (line key) value)
        else line key value;
    in
    concatStrings (map lines (attrNames set));

  escapeSection = escape [ "[" "]" ];

  toINI =
    {
      mkSectionName ? escapeSection,
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    sections:
    concatMapStringsSep "\n"
      (name: "[${mkSectionName name}]\n"
        + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } sections.${name})
      (attrNames sections);

  # A name with dots is a section and a subsection, unless it has quotes already.
  gitSection = name:
    let parts = builtins.match "([^.\"]*)[.]([^\"]*)" name;
    in if parts == null then name else "${head parts} \"${builtins.elemAt parts 1}\"";

  gitValue = value:
    if isString value
    then "\"${replaceStrings [ "\\" "\"" "\n" "\t" ] [ "\\\\" "\\\"" "\\n" "\\t" ] value}\""
    else mkValueStringDefault { } value;

  # Sets inside of sets, as sections whose names have dots.
  gitSections = set:
    let
      leaves = lib.attrsets.mapAttrsToListRecursiveCond (_: value: ! isDerivation value)
        (path: value: {
          section = concatStringsSep "." (lib.lists.init path);
          ${if length path > 1 then "key" else null} = lib.lists.last path;
          inherit path value;
        })
        set;
      noSection = leaf:
        throw "generators.toGitINI: ${head leaf.path} is a section, and must be an attribute set";
      settings = foldl'
        (settings: leaf: settings // { ${leaf.key or (noSection leaf)} = leaf.value; }) { };
    in
    mapAttrs (_: settings) (builtins.groupBy (leaf: leaf.section) leaves);

  toPretty = { allowPrettyValues ? false, multiline ? true, indent ? "" }:
    let
      show = indent: value:
        let
          inner = if multiline then "\n${indent}  " else " ";
          outer = if multiline then "\n${indent}" else " ";
          enclose = start: items: end:
            if items == [ ] then "${start} ${end}"
            else start + inner + concatStringsSep inner items + outer + end;

          quoted = "\"${replaceStrings [ "\\" "\"" "\${" "\n" ] [ "\\\\" "\\\"" "\\\${" "\\n" ] value}\"";
          lines = filter isString
            (split "\n" (replaceStrings [ "\${" "''" ] [ "''\${" "'''" ] value));
          last = lib.lists.last lines;
          indented = "''" + inner + concatStringsSep inner (lib.lists.init lines)
            + (if last == "" then outer else inner + last) + "''";

          arguments = functionArgs value;
          argument = name: if arguments.${name} then name + "?" else name;
          function =
            if arguments == { } then "<function>"
            else "<function, args: {${concatMapStringsSep ", " argument (attrNames arguments)}}>";

          attribute = name: "${escapeNixIdentifier name} = ${show (indent + "  ") value.${name}};";
          set =
            if isFunction value then function
            else if allowPrettyValues && value ? __pretty && value ? val then value.__pretty value.val
            else if isDerivation value then "<derivation ${value.name or "???"}>"
            else enclose "{" (map attribute (attrNames value)) "}";

          text = {
            inherit set;
            int = toString value;
            float = builtins.toJSON value;
            string = if multiline && length lines > 1 then indented else quoted;
            bool = if value then "true" else "false";
            null = "null";
            path = toString value;
            list = enclose "[" (map (show (indent + "  ")) value) "]";
            lambda = function;
          };
        in
        text.${typeOf value};
    in
    show indent;

  withRecursion = { depthLimit, throwOnDepthLimit ? true }:
    let
      kept = [ "__functor" "__functionArgs" "__toString" "__pretty" ];
      tooDeep =
        if throwOnDepthLimit
        then throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
        else "<unevaluated>";
      # What has nothing inside counts as one level itself.
      limit = depth: value:
        if depth > depthLimit then tooDeep
        else if isAttrs value
        then mapAttrs (name: inside: if elem name kept then inside else limit (depth + 1) inside) value
        else if isList value then map (limit (depth + 1)) value
        else if depth == depthLimit then tooDeep
        else value;
    in
    if ! builtins.isInt depthLimit
    then throw "generators.withRecursion: depthLimit must be an integer"
    else limit 0;

  toDhall = { }@settings: value:
    let
      refuse = what: abort "generators.toDhall: cannot convert a ${what} to Dhall";
      list = items: concatStringsSep ", " items;
      text = {
        set = "{ ${list (map (name: "${name} = ${toDhall settings value.${name}}") (attrNames value))} }";
        list = "[ ${list (map (toDhall settings) value)} ]";
        int = (if value < 0 then "" else "+") + toString value;
        bool = if value then "True" else "False";
        lambda = refuse "function";
        null = refuse "null";
      };
    in
    if isFunction value then refuse "function" else text.${typeOf value} or (builtins.toJSON value);

  toPlist = { escape ? false }:
    let
      escaped = if escape then escapeXML else text: text;
      lines = indent: value:
        let
          inside = "${indent}\t";
          around = tag: content: [ "${indent}<${tag}>" content "${indent}</${tag}>" ];
          text = {
            null = [ "" ];
            bool = [ (indent + (if value then "<true/>" else "<false/>")) ];
            int = [ "${indent}<integer>${toString value}</integer>" ];
            float = [ "${indent}<real>${toString value}</real>" ];
            string = [ "${indent}<string>${escaped value}</string>" ];
            path = [ "${indent}<string>${escaped (toString value)}</string>" ];
            list = around "array" (concatMapStringsSep "\n" (show inside) value);
            set = around "dict" (concatMapStringsSep "\n"
              (name: "${inside}<key>${escaped name}</key>\n${show inside value.${name}}")
              (filter (name: name != "_module" && value.${name} != null) (attrNames value)));
          };
        in
        text.${typeOf value} or (abort "generators.toPlist: cannot convert a ${typeOf value}");
      show = indent: value: concatStringsSep "\n" (lines indent value);
    in
    value: concatStringsSep "\n" [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">"
      "<plist version=\"1.0\">"
      (show "" value)
      "</plist>"
    ];

  toLua = { multiline ? true, indent ? "", asBindings ? false }:
    let
      show = indent: value:
        let
          inner = if multiline then "\n${indent}  " else " ";
          outer = if multiline then "\n${indent}" else " ";
          table = items:
            if items == [ ] then "{}" else "{${inner}${concatStringsSep ",${inner}" items}${outer}}";
          below = show (indent + "  ");
        in
        if value == null then "nil"
        else if isList value then table (map below value)
        else if builtins.isPath value || isDerivation value then builtins.toJSON "${value}"
        else if isAttrs value
        then
          if value._type or null == "lua-inline" then "(${value.expr})"
          else table (map (name: "[${builtins.toJSON name}] = ${below value.${name}}") (attrNames value))
        else if isFunction value then abort "generators.toLua: type ${typeOf value} is unsupported"
        else builtins.toJSON value;

      isName = name:
        builtins.match "[[:alpha:]_][[:alnum:]_]*([.][[:alpha:]_][[:alnum:]_]*)*" name != null;
      bindings = set:
        let wrong = filter (name: ! isName name) (attrNames set);
        in
        if wrong != [ ] then throw "Bad Lua var names: ${toPretty { } wrong}"
        else concatStrings (map (name: "${indent}${name} = ${show indent set.${name}}\n") (attrNames set));
    in
    if asBindings then bindings else show indent;
in
{
  # An integer, float, string, boolean or null as settings files have it.
  inherit mkValueStringDefault;

  # `key=value`, with another separator, which is escaped in the key.
  inherit mkKeyValueDefault;

  # A line for each attribute; of a list one for each element, if wanted.
  inherit toKeyValue;

  # Sections of such lines; some lines before them.
  inherit toINI;
  toINIWithGlobalSection =
    {
      mkSectionName ? escapeSection,
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    { globalSection, sections ? { } }:
    (if globalSection == { } then ""
      else toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection + "\n")
    + toINI { inherit mkSectionName mkKeyValue listsAsDuplicateKeys; } sections;

  # Git's configuration: strings in quotes, a line for each element of a list, subsections.
  toGitINI = set:
    toINI {
      mkSectionName = gitSection;
      mkKeyValue = key: value:
        concatMapStringsSep "\n"
          (value: "\t" + mkKeyValueDefault { mkValueString = gitValue; } " = " key value)
          (lib.lists.toList value);
    } (gitSections set);

  # A value to a depth; what is deeper is an error, or a text that says so.
  inherit withRecursion;

  # A value as Nix writes it, with indented lines or on one. `{ __pretty, val }` shows itself, if
  # that is allowed.
  inherit toPretty;

  # Apple's property lists, Dhall, Lua; an expression of Lua's own in a value.
  inherit toPlist toDhall toLua;
  mkLuaInline = expr: { _type = "lua-inline"; inherit expr; };

  # JSON, which YAML includes.
  toJSON = { }: builtins.toJSON;
  toYAML = { }: builtins.toJSON;
}
