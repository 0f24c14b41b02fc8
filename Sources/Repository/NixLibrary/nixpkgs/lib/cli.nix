# Sets as options of a command line, in order of the names.
{ lib }:
let
  inherit (builtins) attrNames concatMap isBool isList stringLength;
  inherit (lib.strings) escapeShellArgs;
  mkValueString = lib.generators.mkValueStringDefault { };

  toGNUCommandLine =
    {
      mkOptionName ? (name: if stringLength name == 1 then "-${name}" else "--${name}"),
      mkBool ? (name: value: if value then [ (mkOptionName name) ] else [ ]),
      mkList ? (name: concatMap (mkOption name)),
      mkOption ? (name: value:
        if value == null then [ ]
        else if optionValueSeparator == null then [ (mkOptionName name) (mkValueString value) ]
        else [ (mkOptionName name + optionValueSeparator + mkValueString value) ]),
      optionValueSeparator ? null,
    }:
    set:
    concatMap
      (name:
        let
          value = set.${name};
          make = if isBool value then mkBool else if isList value then mkList else mkOption;
        in
        make name value)
      (attrNames set);

  toCommandLine = optionFormat: set:
    let
      words = name:
        let
          given = optionFormat name;
          format = { formatArg = mkValueString; listRepr = "repeat"; splitList = list: [ list ]; } // given;
          value = set.${name};

          withArgument = argument:
            if format.sep == null then [ format.option argument ]
            else [ (format.option + format.sep + argument) ];

          one = value:
            if value == null then [ ]
            else if isBool value && ! format.explicitBool then if value then [ format.option ] else [ ]
            else if isList value && format.listRepr == "spread"
            then [ format.option ] ++ map format.formatArg value
            else withArgument (format.formatArg value);

          values = {
            repeat = value;
            join = [ value ];
            spread = format.splitList value;
          };
        in
        if name == "" then throw "lib.cli.toCommandLine: an option has no name"
        else if ! isList value then one value
        else concatMap one (values.${format.listRepr} or (throw
          "lib.cli.toCommandLine: listRepr of ${name} must be one of: ${lib.strings.join ", " (attrNames values)}"));
    in
    concatMap words (attrNames set);

  toCommandLineGNU =
    {
      isLong ? (name: stringLength name > 1),
      explicitBool ? false,
      formatArg ? mkValueString,
      listRepr ? (_: "repeat"),
      formatList ? (lib.strings.concatMapStringsSep "," formatArg),
      splitList ? (_: list: [ list ]),
    }:
    toCommandLine (name: {
      inherit explicitBool;
      option = if isLong name then "--${name}" else "-${name}";
      sep = if isLong name then "=" else "";
      listRepr = listRepr name;
      splitList = splitList name;
      formatArg = value:
        if isList value && listRepr name == "join" then formatList value else formatArg value;
    });
in
{
  # Options as GNU programs have them, as a list, and as text for a shell: flags for true, none for
  # false and null, one for each element of a list. Each kind can be made otherwise.
  inherit toGNUCommandLine;
  toGNUCommandLineShell = options: set: escapeShellArgs (toGNUCommandLine options set);

  # The same with the value in one word with the option.
  inherit toCommandLineGNU;
  toCommandLineShellGNU = options: set: escapeShellArgs (toCommandLineGNU options set);

  # Options in any form: a function gives `{ option, sep, explicitBool }` of each name.
  inherit toCommandLine;
  toCommandLineShell = optionFormat: set: escapeShellArgs (toCommandLine optionFormat set);
}
