# Options and sets of options: what modules declare and define there becomes values.
#
# What is declared and defined in one set of options comes as
#   sources  { file; options; }: the options that one module declares there; some have `constants`, see there
#   layers   { file; set; wrap; }: what one module defines there (see definitions.nix).
{ lib, definitions, declarations }:
let
  inherit (builtins)
    addErrorContext all attrNames attrValues concatMap filter foldl' head intersectAttrs isAttrs length map mapAttrs
    removeAttrs
    ;
  inherit (lib.lists) optional;
  inherit (lib.options) isOption showDefs showOption;
  inherit (definitions) definitionsByName layersOf mergeDefinitions mkOptionDefault wrongType;
  inherit (declarations)
    declaredTogether fixupOptionType isDeclaration mergeOptionDecls noDeclarations sharedNames withLocatedType
    ;

  # ---- One option ----

  # All definitions of an option, its default among them.
  withDefault = option: definitions:
    optional (option ? default) { file = head option.declarations; value = mkOptionDefault option.default; } ++ definitions;

  mergeOption = loc: option: definitions:
    let
      everything = withDefault option definitions;
      # Each as if it were alone, for the message.
      apart = map (d: d // { value = (mergeDefinitions loc option.type [ d ]).mergedValue; }) everything;
    in
    if option.readOnly or false && length everything > 1 then
      throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs apart}"
    else mergeDefinitions loc option.type everything;

  # The value of an option; definitions with properties, and whatever else is rare.
  optionValue = loc: option: definitions:
    let merged = (mergeOption loc option definitions).mergedValue; in
    if option ? apply then option.apply merged else merged;

  # An option as `options` shows it. `value` is there already where it was evaluated.
  evalOptionValue = loc: option: definitions: optionRecord loc option definitions (
    addErrorContext "while evaluating the option `${showOption loc}':" (optionValue loc option definitions));

  optionRecord = loc: option: definitions: value:
    let
      merged = mergeOption loc option definitions;
      final = merged.defsFinal;
    in
    option // {
      inherit loc value;
      inherit (merged) isDefined;
      inherit (merged.defsFinal') highestPrio;
      inherit (merged.checkedAndMerged) valueMeta;
      definitions = map (d: d.value) final;
      definitionsWithLocations = final;
      files = map (d: d.file) final;
      # Whether anything but the default defines it.
      isSet = definitions != [ ];
      __toString = _: showOption loc;
    };

  # ---- A set of options ----

  # What modules make of one set of options and those in it:
  #   values     what `config` holds
  #   options    what `options` holds
  #   declared   the options and sets of options by name
  #   unmatched  definitions without an option, each with its `prefix` and the names beside it, `siblings`
  # `open` is given the path of each set of values, the set, and the definitions in it without an option; what it
  # returns stands for the set. It is null if that is the set itself.
  evalSet = open: loc: sources: layers:
    let
      found = definitionsByName loc layers;
      at = name: loc ++ [ name ];

      # Names that several modules declare.
      together = mapAttrs (name: declaredTogether (at name)) (sharedNames sources);
      isSimple = length sources == 1;
      declared =
        if isSimple then (head sources).options
        else foldl' (sum: source: sum // source.options) { } sources // together;
      known = intersectAttrs found declared;
      strangers = removeAttrs found (attrNames known);

      # The common cases first: an option that one module declares, with at most one definition, which is plain.
      aloneValue = source: name: option:
        if option._type or "" != "option" then below.${name}.values
        else addErrorContext "while evaluating the option `${showOption (at name)}':" (
          let definitions = found.${name} or [ ]; in
          if option ? apply || option ? readOnly || option.type.getSubModules or true != null then
            rareValue (at name) source option definitions
          else if definitions == [ ] then
            let value = option.default; in
            if !(option ? default) || value ? _type then rareValue (at name) source option definitions
            else if !option.type.check value then throw (wrongType (at name) option.type [ (defaultOf source value) ])
            else if option.type.merge.isIdentity or false then value
            else option.type.merge (at name) [ (defaultOf source value) ]
          else
            let inherit (head definitions) value; in
            if length definitions != 1 || value ? _type then rareValue (at name) source option definitions
            else if !option.type.check value then throw (wrongType (at name) option.type definitions)
            else if option.type.merge.isIdentity or false then value
            else option.type.merge (at name) definitions
        );
      sharedValue = name: option:
        if !(option ? _type) then below.${name}.values
        else addErrorContext "while evaluating the option `${showOption (at name)}':"
          (optionValue (at name) option (found.${name} or [ ]));
      valuesOf = source:
        if source ? constants then
          source.constants // mapAttrs (aloneValue source) (source.variables // intersectAttrs found source.options)
        else mapAttrs (aloneValue source) source.options;
      values =
        if isSimple then valuesOf (head sources)
        else foldl' (sum: source: sum // valuesOf source) { } sources // mapAttrs sharedValue together;

      # The sets of options in this one.
      below = mapAttrs
        (name: option:
          let declaring = declaringBelow sources name; in
          if isDeclaration (at name) (head declaring).file option then null
          else if !isAttrs option then throw (noDeclarations (at name) option)
          else evalSet open (at name) declaring (concatMap (d: layersOf d.file d.value) (found.${name} or [ ])))
        declared;
    in
    {
      inherit declared;
      values = if open == null then values else open loc values strangers;
      options = recordsOf { inherit loc sources together found values below; };
      unmatched =
        (if { } == strangers then [ ] else unmatchedHere loc declared strangers)
        ++ (if all (option: option ? _type) (attrValues known) then [ ]
          else concatMap (name: below.${name}.unmatched) (filter (name: !(known.${name} ? _type)) (attrNames known)));
    };

  defaultOf = source: value: { inherit (source) file; inherit value; };
  rareValue = loc: source: option:
    optionValue loc (withLocatedType source.file option // { declarations = [ source.file ]; });

  declaringBelow = sources: name: concatMap
    (source: if source.options ? ${name} then [ { inherit (source) file; options = source.options.${name}; } ] else [ ])
    sources;

  unmatchedHere = loc: declared: strangers: concatMap
    (name: map (d: d // { prefix = loc ++ [ name ]; siblings = attrNames declared; }) strangers.${name})
    (attrNames strangers);

  # What `options` holds of a set: of each option what is declared and defined.
  recordsOf = { loc, sources, together, found, values, below }:
    let
      record = name: option: optionRecord option.loc option (found.${name} or [ ]) values.${name};
      ofSource = source: mapAttrs
        (name: options:
          if isOption options then
            record name (mergedDeclaration (loc ++ [ name ])
              { inherit (source) file; inherit name options; set = source.options; })
          else below.${name}.options)
        source.options;
      ofMany = name: option: if option ? _type then record name option else below.${name}.options;
    in
    foldl' (sum: source: sum // ofSource source) { } sources // mapAttrs ofMany together;
  mergedDeclaration = loc: d: fixupOptionType loc (mergeOptionDecls loc [ d ]);

  # A source that many submodules share, with the values of options that are the same in all where nothing defines them,
  # `constants`; the other options are `variables`.
  withConstants = source:
    let
      isConstant = option:
        option._type or "" == "option" && option ? default && !(option ? apply) && !(option ? readOnly)
        && option.type.getSubModules or true == null
        && (option.type.merge.isUniform or (option.type.merge.isIdentity or false));
      options = lib.filterAttrs (_: isConstant) source.options;
    in
    source // {
      constants = (evalSet null [ "‹name›" ] [ { inherit (source) file; inherit options; } ] [ ]).values;
      variables = removeAttrs source.options (attrNames options);
    };
in
{
  inherit evalOptionValue evalSet withConstants;
}
