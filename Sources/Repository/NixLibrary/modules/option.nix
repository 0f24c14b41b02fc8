# One option, for a person who asks about it.
#
# The result is { children; } for a set of options, { option; } for one, or { near; } if there is none of the name.
{ lib, options }:
let
  inherit (lib) isOption showOption;

  plain = tree: removeAttrs tree [ "_module" "_freeformOptions" ];

  find = tree: path:
    if isOption tree then
      if path == [ ] then { option = describe tree; } else inside tree.type tree.loc (definitionsOf tree) path
    else if path == [ ] then { children = concatChildren (plain tree); }
    else if tree ? ${lib.head path} then find tree.${lib.head path} (lib.tail path)
    else { near = lib.options.nearestNames (lib.head path) (lib.attrNames (plain tree)); };

  definitionsOf = option: lib.filter (d: d.file != "<unknown-file>") option.definitionsWithLocations;

  # The options inside a value: those of a submodule, as it is defined.
  inside = type: loc: definitions: path:
    let
      name = lib.head path;
      below = lib.concatMap
        (d: lib.optional (builtins.isAttrs d.value && d.value ? ${name})
          { inherit (d) file; value = d.value.${name}; set = d.value; inherit name; })
        definitions;
    in
    if type.name == "submodule" then find (type.optionsOf loc definitions) path
    else if type.name == "attrsOf" || type.name == "lazyAttrsOf" then
      if lib.tail path == [ ] then { children = concatChildren (documented type loc name); }
      else inside type.nestedTypes.elemType (loc ++ [ name ]) below (lib.tail path)
    else if type.nestedTypes ? elemType then inside type.nestedTypes.elemType loc definitions path
    else { near = [ ]; };

  documented = type: loc: name: plain (type.nestedTypes.elemType.getSubOptions (loc ++ [ name ]));

  concatChildren = tree: lib.concatLists (lib.mapAttrsToList
    (_: node:
      if !isOption node then concatChildren (plain node)
      else lib.optional (!(node.internal or false)) {
        name = showOption node.loc;
        type = node.type.description;
      })
    tree);

  text = value: if builtins.isAttrs value && value ? text then value.text else value;
  shown = value:
    if builtins.isAttrs value && value ? text then value.text
    else lib.generators.toPretty { multiline = true; } value;

  describe = option: {
    name = showOption option.loc;
    type = option.type.description;
    description = text (option.description or "");
    readOnly = option.readOnly or false;
    default = if option ? defaultText then [ (shown option.defaultText) ]
      else lib.optional (option ? default) (shown option.default);
    example = lib.optional (option ? example) (shown option.example);
    value = lib.optional option.isDefined option.value;
    definitions = lib.optionals option.isSet (map
      (d: { place = lib.options.placeOf d; inherit (d) value; })
      option.definitionsWithLocations);
  };
in
{
  find = find options;
  # All options that a configuration may set, for the reference.
  all = lib.filter (o: o.visible && !o.internal)
    (lib.concatMap lib.options.optionDescriptions (lib.attrValues (plain options)));
}
