# Options: how they are declared, how several definitions become one value, and how they are shown.
{ lib }:
let
  inherit (builtins)
    all any attrNames attrValues concatLists concatMap concatStringsSep elem filter foldl' head isAttrs isBool
    isFunction isInt isList isString length map mapAttrs match stringLength substring tail tryEval typeOf
    unsafeGetAttrPos
    ;
  inherit (lib.strings) escapeNixString hasPrefix levenshtein removePrefix replaceStrings;
  inherit (lib.lists) last optional take;

  isOption = value: isAttrs value && value._type or "" == "option";

  # ---- Showing ----

  # A path of names as it is written: `a."b c".d`; placeholders such as <name> and * stay bare.
  showOption = path: concatStringsSep "." (map showName path);
  showName = name:
    if !isString name then "*"
    else if match "[a-zA-Z_][a-zA-Z0-9_'-]*|<.*>|\\*" name != null then name
    else escapeNixString name;

  showFiles = files: concatStringsSep " and " (map (file: "`${toString file}'") files);

  # Where a definition stands: its file, with line and column where the attribute is written in a file.
  placeOf = definition:
    let pos = if definition ? set then unsafeGetAttrPos definition.name definition.set else null; in
    if pos == null then toString definition.file
    else "${pos.file}:${toString pos.line}:${toString pos.column}";

  showDefs = definitions: concatStringsSep "" (map
    (d: "\n- In `${placeOf d}'${showValue d.value}")
    definitions);

  # A value that can be shown, shortened to a few lines.
  showValue = value:
    let
      text = tryEval (lib.generators.toPretty { } (lib.generators.withRecursion { depthLimit = 10; throwOnDepthLimit = false; } value));
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

  # Every option of a tree of options, and those inside its submodules, as plain sets.
  documentation = options:
    if isOption options then describe options
    else concatMap documentation (attrValues (removeAttrs options [ "_module" "_freeformOptions" ]));

  describe = option:
    let
      text = value: if isAttrs value && value ? text then value.text else value;
      inner = option.type.getSubOptions option.loc;
      shown = value:
        if isAttrs value && value ? text then value.text
        else lib.generators.toPretty { multiline = true; } value;
      own = {
        inherit (option) loc;
        name = showOption option.loc;
        description = text (option.description or "");
        declarations = filter (file: file != "<unknown-file>") (option.declarations or [ ]);
        internal = option.internal or false;
        visible = let visible = option.visible or true; in visible != false;
        readOnly = option.readOnly or false;
        type = option.type.description or "unspecified";
      }
      // lib.optionalAttrs (option ? defaultText || option ? default) {
        default = if option ? defaultText then shown option.defaultText else shown option.default;
      }
      // lib.optionalAttrs (option ? example) { example = shown option.example; };
    in
    [ own ]
    ++ (if own.visible && option.visible or true != "shallow" && inner != { } then documentation inner else [ ]);
in
{
  inherit
    isOption showOption showFiles showDefs placeOf nearestNames
    mergeDefaultOption mergeOneOption mergeUniqueOption mergeEqualOption getValues getFiles
    ;

  # An option: { type; default; defaultText; example; description; apply; readOnly; internal; visible; }, all optional.
  mkOption = attributes: attributes // { _type = "option"; };

  # A Boolean, off unless it is said; `name` completes "Whether to enable …".
  mkEnableOption = name: lib.mkOption {
    default = false;
    example = true;
    description = "Whether to enable ${if isAttrs name then name.text else name}.";
    type = lib.types.bool;
  };

  # A package, by default the one of a name (or a path of names) in `pkgs`.
  mkPackageOption = pkgs: name: { nullable ? false, default ? name, example ? null, extraDescription ? "", pkgsText ? "pkgs" }:
    let
      nameOf = if isList name then last name else name;
      path = if isList default then default else lib.splitString "." default;
    in
    lib.mkOption (
      {
        description = "The ${nameOf} package to use." + (if extraDescription == "" then "" else " ${extraDescription}");
        type = (if nullable then lib.types.nullOr else (t: t)) lib.types.package;
      }
      // (if default == null then lib.optionalAttrs nullable { default = null; } else {
        default = lib.attrByPath path (throw "${concatStringsSep "." path} cannot be found in ${pkgsText}") pkgs;
        defaultText = lib.literalExpression "${pkgsText}.${concatStringsSep "." path}";
      })
      // lib.optionalAttrs (example != null) {
        example = lib.literalExpression
          (if isList example then "${pkgsText}.${concatStringsSep "." example}" else "${pkgsText}.${example}");
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
  literalExample = lib.literalExpression;
  literalMD = text: { _type = "literalMD"; inherit text; };
  literalCode = _language: text: { _type = "literalExpression"; inherit text; };
  mdDoc = text: text;

  optionAttrSetToDocList = documentation;
  optionAttrSetToDocList' = _: documentation;
  scrubOptionValue = value: value;
  unknownModule = "<unknown-file>";
}
