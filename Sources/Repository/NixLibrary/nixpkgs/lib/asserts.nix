# Conditions for `assert`, with messages.
{ lib }:
let
  inherit (lib.generators) toPretty;

  assertMsg = condition: message: condition || throw message;

  assertOneOf = name: value: values:
    assertMsg (builtins.elem value values)
      "${name} must be one of ${toPretty { } values}, but is: ${toPretty { } value}";
in
{
  # True, or an error with a message.
  inherit assertMsg;

  # True if a value is one of a list, else an error that shows both.
  inherit assertOneOf;

  # The same of every value of a list.
  assertEachOneOf = name: values: valid:
    assertMsg (builtins.all (value: builtins.elem value valid) values)
      "each element in ${name} must be one of ${toPretty { } valid}, but is: ${toPretty { } values}";

  # Gives the value that follows if every condition of `{ condition message }`s holds.
  checkAssertWarn = assertions: warnings: value:
    let failed = map (entry: entry.message) (builtins.filter (entry: ! entry.assertion) assertions);
    in
    if failed != [ ]
    then throw "\nFailed assertions:\n${lib.strings.concatMapStringsSep "\n" (message: "- ${message}") failed}"
    else lib.trivial.showWarnings warnings value;
}
