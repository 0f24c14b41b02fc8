# Definitions: the properties that say when and before which others they count, and the value that they come to.
#
# A definition is { file; value; set; name; }: the value of `name` in `set`, by which its place is found; of what
# somebody made by hand, { file; value; } at least.
{ lib }:
let
  inherit (builtins)
    addErrorContext all any concatMap filter foldl' isAttrs isBool length head map mapAttrs sort typeOf zipAttrsWith
    ;
  inherit (lib.options) showDefs showOption;

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOrder = priority: content: { _type = "order"; inherit priority content; };

  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;

  # ---- Around sets of definitions ----

  # The plain sets in a set of definitions, each with what stands around its values: { file; set; wrap; }, where
  # `wrap` is a function that puts the properties around a value, null for none. No condition is evaluated.
  layersOf = file: set:
    if set ? _type then layersIn file null set
    else if { } == set then [ ]
    else [ { inherit file set; wrap = null; } ];

  layersIn = file: wrap: set:
    let
      mark = set._type or "";
      within = property: layersIn file (if wrap == null then property else value: wrap (property value));
    in
    if mark == "merge" then concatMap (layersIn file wrap) set.contents
    else if mark == "if" then within (mkIf set.condition) set.content
    else if mark == "override" then within (mkOverride set.priority) set.content
    else if mark == "definition" then within (value: set // { inherit value; }) set.value
    else [ { inherit file set wrap; } ];

  pushDownProperties = set:
    map (layer: if layer.wrap == null then layer.set else mapAttrs (_: layer.wrap) layer.set) (layersOf "" set);

  # The definitions of each name.
  definitionsByName = loc: layers:
    let
      ofLayer = { file, set, wrap }:
        if !isAttrs set then
          throw "In module `${file}', you're trying to define a value of type `${typeOf set}' rather than an attribute set for the option `${showOption loc}'!"
        else if wrap == null then mapAttrs (name: value: { inherit file set name value; }) set
        else mapAttrs (name: value: { inherit file set name; value = wrap value; }) set;
    in
    if layers == [ ] then { }
    else if length layers == 1 then mapAttrs (_: d: [ d ]) (ofLayer (head layers))
    else zipAttrsWith (_: definitions: definitions) (map ofLayer layers);

  # ---- Around one value ----

  # What of a value remains when conditions are decided: a list, for mkMerge.
  dischargeProperties = value:
    let mark = value._type or ""; in
    if mark == "merge" then concatMap dischargeProperties value.contents
    else if mark == "if" then
      if !isBool value.condition then throw "‘mkIf’ called with a non-Boolean condition"
      else if value.condition then dischargeProperties value.content
      else [ ]
    else [ value ];

  # The definitions that count, without properties, in their order: { highestPrio; values; }. One mkOverride and in it
  # one mkOrder is taken away; what else is in them stays as it is.
  resolve = definitions:
    if any (d: d.value ? _type) definitions then
      let best = filterOverrides' (concatMap discharge definitions); in
      { inherit (best) highestPrio; values = sortProperties best.values; }
    else filterOverrides' definitions;

  discharge = d:
    map (value: if value._type or "" == "definition" then value else d // { inherit value; })
      (addErrorContext "while evaluating definitions from `${d.file}':" (dischargeProperties d.value));

  filterOverrides' = definitions:
    let
      isOverride = d: d.value._type or "" == "override";
      priorityOf = d: if isOverride d then d.value.priority else defaultOverridePriority;
      highestPrio = foldl' (best: d: let priority = priorityOf d; in if priority < best then priority else best) 9999 definitions;
    in
    {
      inherit highestPrio;
      values = map (d: if isOverride d then d // { value = d.value.content; } else d)
        (filter (d: priorityOf d == highestPrio) definitions);
    };

  sortProperties = definitions:
    let
      isOrder = d: d.value._type or "" == "order";
      unwrapped = d: if isOrder d then d // { value = d.value.content; inherit (d.value) priority; } else d;
      placeOf = d: d.priority or defaultOrderPriority;
    in
    if any isOrder definitions then sort (a: b: placeOf a < placeOf b) (map unwrapped definitions)
    else definitions;
  # ---- What they come to ----

  # What a type makes of definitions.
  mergeDefinitions = loc: type: definitions:
    let
      resolved = resolve definitions;
      final = resolved.values;
      isDefined = final != [ ];
      mergedValue = if isDefined then mergeFinal loc type final else throw (noValue loc);
    in
    {
      inherit isDefined mergedValue;
      defsFinal' = resolved;
      defsFinal = final;
      optionalValue = if isDefined then { value = mergedValue; } else { };
      checkedAndMerged = {
        headError = if all (d: type.check d.value) final then null else { message = wrongType loc type final; };
        value = mergedValue;
        valueMeta = if type.merge ? v2 then (type.merge.v2 { inherit loc; defs = final; }).valueMeta else { };
      };
    };

  # The same for definitions that have no properties, one at least.
  mergeFinal = loc: type: definitions:
    if all (d: type.check d.value) definitions then type.merge loc definitions
    else throw (wrongType loc type definitions);

  wrongType = loc: type: definitions:
    "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:"
    + showDefs (filter (d: !type.check d.value) definitions);

  noValue = loc: "The option `${showOption loc}' was accessed but has no value defined. Try setting the option.";
in
{
  inherit
    mkIf mkMerge mkOverride mkOrder defaultOverridePriority defaultOrderPriority
    layersOf definitionsByName pushDownProperties dischargeProperties filterOverrides' sortProperties
    mergeDefinitions mergeFinal wrongType
    ;

  filterOverrides = definitions: (filterOverrides' definitions).values;

  mkAssert = assertion: message: mkIf (if assertion then true else throw "\nFailed assertion: ${message}");
  # A definition of another file than the one it stands in.
  mkDefinition = arguments@{ file, value, ... }: arguments // { _type = "definition"; };

  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  defaultPriority = defaultOverridePriority;
  mkFixStrictness = value: value;

  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
}
