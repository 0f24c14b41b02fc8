# Options: how they are declared, how several definitions become one value, and how they are shown.
{ lib }:
let
  inherit (builtins)
    addErrorContext all any attrValues concatLists concatMap concatStringsSep filter foldl' head isAttrs isBool isInt
    isList isString length map mapAttrs match removeAttrs stringLength tail tryEval unsafeGetAttrPos
    ;
  inherit (lib.strings) escapeNixString hasPrefix levenshtein;
  inherit (lib.lists) last optional take;
  inherit (lib) isFunction;

  isOption = value: isAttrs value && value._type or "" == "option";

  # ---- Showing ----

  # A path of names as it is written: `a."b c".d`; placeholders such as <name> and * stay bare.
  showOption = path: concatStringsSep "." (map showName path);
  showName = name:
    if !isString name then "*"
    else if match "[a-zA-Z_][a-zA-Z0-9_'-]*|<.*>|\\*" name != null then name
    else escapeNixString name;

  showFiles = files: concatStringsSep " and " (map (file: "`${toString file}'") files);
  showPlaces = definitions: showFiles (map placeOf definitions);

  # Where a definition stands: its file, with line and column where the attribute is written in a file. Functions of
  # this library write attributes for others.
  placeOf = definition:
    let pos = if definition ? set then unsafeGetAttrPos definition.name definition.set else null; in
    if pos == null || !(hasPrefix "/" pos.file) || hasPrefix library pos.file then toString definition.file
    else "${pos.file}:${toString pos.line}:${toString pos.column}";
  library = toString ./. + "/";

  showDefs = definitions: concatStringsSep "" (map
    (d: "\n- In `${placeOf d}'${showValue d.value}")
    definitions);

  # A value that can be shown, shortened to a few lines.
  showValue = value:
    let
      limited = lib.generators.withRecursion { depthLimit = 10; throwOnDepthLimit = false; };
      text = tryEval (lib.generators.toPretty { } (limited value));
      lines = filter isString (builtins.split "\n" text.value);
      some = take 5 lines;
    in
    if !text.success then ""
    else if length lines == 1 then ": ${text.value}"
    else ":" + concatStringsSep "" (map (line: "\n    ${line}") (some ++ optional (length lines > 5) "..."));

  # Names that somebody who wrote `name` may have meant, the nearest first, at most three.
  nearestNames = name: names:
    let
      limit = if stringLength name < 4 then 1 else 1 + stringLength name / 4;
      distances = map (candidate: { inherit candidate; distance = levenshtein name candidate; })
        (filter (n: n != "_module" && sizesAreNear limit name n) names);
    in
    map (d: d.candidate)
      (take 3 (builtins.sort (a: b: a.distance < b.distance) (filter (d: d.distance <= limit) distances)));
  sizesAreNear = limit: a: b:
    let difference = stringLength a - stringLength b; in difference <= limit && -difference <= limit;

  # ---- Merging ----

  # What can be merged without knowing a type: lists, sets, strings, Booleans that agree or are joined by "or".
  mergeDefaultOption = loc: definitions:
    let values = getValues definitions; in
    if length values == 1 then head values
    else if all isFunction values then x: mergeDefaultOption loc (map (f: f x) values)
    else if all isList values then concatLists values
    else if all isAttrs values then foldl' lib.mergeAttrs { } values
    else if all isBool values then any (b: b) values
    else if all isString values then concatStringsSep "" values
    else if all isInt values && all (x: x == head values) values then head values
    else throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs definitions}";

  mergeOneOption = mergeUniqueOption { message = ""; };

  mergeUniqueOption = { message, merge ? null }: loc: definitions:
    if length definitions == 1 then
      if merge == null then (head definitions).value else merge loc definitions
    else
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.${
        if message == "" then "" else "\n${message}"}\nDefinition values:${showDefs definitions}\n${advice}";

  # The value, if all definitions have the same.
  mergeEqualOption = loc: definitions:
    if definitions == [ ] then abort "mergeEqualOption: no definitions of `${showOption loc}'"
    else if length definitions == 1 then (head definitions).value
    else
      (foldl'
        (first: d:
          if d.value == first.value then first
          else
            throw "The option `${showOption loc}' has conflicting definition values:${showDefs [ first d ]}\n${advice}")
        (head definitions)
        (tail definitions)).value;

  advice = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  getValues = map (d: d.value);
  getFiles = map (d: d.file);

  # ---- Documenting ----

  # Every option of a tree of options, and those inside its submodules, as `describe` has it.
  documentation = describe: options:
    if isOption options then
      let
        visible = options.visible or true;
        inner = options.type.getSubOptions options.loc;
        isOpen = if isBool visible then visible else visible == "transparent";
      in
      [ (describe options) ] ++ (if isOpen && inner != { } then documentation describe inner else [ ])
    else if isAttrs options then concatMap (documentation describe) (attrValues options)
    else [ ];

  docItem = option:
    let
      name = showOption option.loc;
      visible = option.visible or true;
      rendered = what: value:
        addErrorContext "while evaluating the ${what} of option `${name}`" (renderOptionValue value);
    in
    {
      inherit (option) loc;
      inherit name;
      description = option.description or null;
      declarations = filter (file: file != unknownModule) option.declarations;
      internal = option.internal or false;
      visible = if isBool visible then visible else visible == "shallow";
      readOnly = option.readOnly or false;
      type = option.type.description or "unspecified";
    }
    // lib.optionalAttrs (option ? example) { example = rendered "example" option.example; }
    // (if option ? defaultText then { default = rendered "defaultText" option.defaultText; }
      else lib.optionalAttrs (option ? default) { default = rendered "default value" option.default; })
    // lib.optionalAttrs (option.relatedPackages or null != null) { inherit (option) relatedPackages; };

  renderOptionValue = value:
    if value ? _type && value ? text then value
    else lib.literalExpression (lib.generators.toPretty { multiline = true; allowPrettyValues = true; } value);

  # The same for people: every description is a string.
  plainItem = option:
    let text = value: if value ? text then value.text else value; in
    mapAttrs (_: text) (docItem option // { description = option.description or ""; });

  # Packages are only named.
  scrubOptionValue = value:
    if lib.isDerivation value then {
      type = "derivation";
      drvPath = value.name;
      outPath = value.name;
      inherit (value) name;
    }
    else if isList value then map scrubOptionValue value
    else if isAttrs value then mapAttrs (_: scrubOptionValue) (removeAttrs value [ "_args" ])
    else value;

  unknownModule = "<unknown-file>";
in
{
  inherit
    isOption showOption showFiles showPlaces showDefs placeOf nearestNames renderOptionValue scrubOptionValue
    unknownModule
    mergeDefaultOption mergeOneOption mergeUniqueOption mergeEqualOption getValues getFiles
    ;

  # An option; all that is said of it may be left out.
  mkOption =
    attributes@{ default ? null
    , defaultText ? null
    , example ? null
    , description ? null
    , relatedPackages ? null
    , type ? null
    , apply ? null
    , internal ? null
    , visible ? null
    , readOnly ? null
    }: attributes // { _type = "option"; };

  # A Boolean, off unless it is said; `name` completes "Whether to enable …".
  mkEnableOption = name: lib.mkOption {
    default = false;
    example = true;
    description = "Whether to enable ${if isAttrs name then name.text else name}.";
    type = lib.types.bool;
  };

  # A package, by default the one of a name (or a path of names) in `pkgs`.
  mkPackageOption = pkgs: name:
    { nullable ? false, default ? name, example ? null, extraDescription ? "", pkgsText ? "pkgs" }:
    let
      path = lib.toList default;
      text = lib.showAttrPath path;
      shown = path: lib.literalExpression "${pkgsText}.${path}";
    in
    lib.mkOption (
      {
        description = "The ${if isList name then last name else name} package to use."
          + (if extraDescription == "" then "" else " ${extraDescription}");
        type = if nullable then lib.types.nullOr lib.types.package else lib.types.package;
      }
      // (if default == null then lib.optionalAttrs nullable { default = null; } else {
        default = lib.attrByPath path (throw "${text} cannot be found in ${pkgsText}") pkgs;
        defaultText = shown text;
      })
      // lib.optionalAttrs (example != null) {
        example = if isList example then shown (lib.showAttrPath example) else lib.literalExpression example;
      }
    );

  # An option that takes any definition and drops it.
  mkSinkUndeclaredOptions = attributes: lib.mkOption ({
    internal = true;
    visible = false;
    default = false;
    description = "Whatever is defined here has no effect.";
    type = lib.types.mkOptionType {
      name = "sink";
      check = _: true;
      merge = _: _: false;
    };
    apply = _: throw "Option value is not readable because the option is not declared.";
  } // attributes);

  # Text that documentation shows as it is, in place of a value.
  literalExpression = text:
    if isString text then { _type = "literalExpression"; inherit text; }
    else throw "literalExpression expects a string.";
  literalMD = text:
    if isString text then { _type = "literalMD"; inherit text; } else throw "literalMD expects a string.";
  literalCode = language: text: lib.literalMD "```${language}\n${text}\n```\n";
  literalExample = lib.literalExpression;
  mdDoc = text: text;

  showOptionWithDefLocs = option:
    "${showOption option.loc}, with values defined in:\n${
      concatStringsSep "\n" (map (file: "  - ${toString file}") option.files)}\n";

  optionAttrSetToDocList = documentation docItem;
  optionAttrSetToDocList' = _: documentation docItem;
  optionDescriptions = documentation plainItem;
}
