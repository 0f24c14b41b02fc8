# Looking at values while they are evaluated.
{ lib }:
let
  inherit (builtins) trace;
  inherit (lib.generators) toPretty;

  traceValFn = f: value: trace (f value) value;
  traceSeq = shown: value: trace (builtins.deepSeq shown shown) value;

  # A value to a depth; what is deeper is left out.
  cut = depth: value:
    let hidden = text: { __pretty = _: text; val = null; };
    in
    if builtins.isList value
    then if depth == 0 then hidden "[…]" else map (cut (depth - 1)) value
    else if builtins.isAttrs value && ! lib.attrsets.isDerivation value
    then if depth == 0 then hidden "{…}" else builtins.mapAttrs (_: cut (depth - 1)) value
    else value;

  traceSeqN = depth: shown: value:
    trace (toPretty { allowPrettyValues = true; } (cut depth shown)) value;

  traceValSeqFn = f: value: traceValFn f (builtins.deepSeq value value);
  traceValSeqNFn = f: depth: value: traceSeqN depth (f value) value;

  # The tests whose `expr` is not what they expect, with both; only those named in `tests`, if any.
  runTests = tests:
    let
      wanted = tests.tests or [ ];
      isTest = name:
        if wanted == [ ] then lib.strings.hasPrefix "test" name && name != "tests"
        else builtins.elem name wanted;
      failed = builtins.filter (name: isTest name && tests.${name}.expr != tests.${name}.expected)
        (builtins.attrNames tests);
    in
    map (name: { inherit name; inherit (tests.${name}) expected; result = tests.${name}.expr; }) failed;
in
{
  inherit (builtins) addErrorContext trace unsafeGetAttrPos;

  # A value, and a message where the condition holds.
  traceIf = condition: message: value: if condition then trace message value else value;

  # A value that is shown, or of which something is shown.
  traceVal = traceValFn (value: value);
  inherit traceValFn;

  # A value, while another is shown whole, or to a depth.
  inherit traceSeq traceSeqN;

  # A value that is shown whole, or to a depth, or of which something is shown so.
  traceValSeq = traceValSeqFn (value: value);
  inherit traceValSeqFn;
  traceValSeqN = traceValSeqNFn (value: value);
  inherit traceValSeqNFn;

  # A function's value, while the argument and the value are shown to a depth.
  traceFnSeqN = depth: name: f: argument:
    let result = f argument;
    in traceSeqN (depth + 1) { fn = name; from = argument; to = result; } result;

  # The tests that fail; an empty list if all are right.
  inherit runTests;

  # A test that all values of a list are true.
  testAllTrue = values: { expr = values; expected = map (_: true) values; };

  # The same as an error.
  throwTestFailures = { failures, description ? "tests", ... }:
    if failures == [ ] then null
    else throw "${toString (builtins.length failures)} ${description} failed:\n${
      lib.strings.concatMapStringsSep "\n"
        (failure: "${failure.name}: expected ${toPretty { } failure.expected}, result ${toPretty { } failure.result}")
        failures
    }";
}
