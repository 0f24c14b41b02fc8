# Functions of any value: combinators, logic, numbers, versions, warnings, and what functions take.
{ lib }:
let
  release = "25.11";
  versionSuffix = "adage";
  # Releases as numbers, 2511 for 25.11: the oldest that somebody may still use this library with.
  oldestSupportedRelease = 2511;

  digits = "0123456789ABCDEF";

  # The value of one hexadecimal digit.
  digitValue = {
    "0" = 0; "1" = 1; "2" = 2; "3" = 3; "4" = 4; "5" = 5; "6" = 6; "7" = 7; "8" = 8; "9" = 9;
    a = 10; b = 11; c = 12; d = 13; e = 14; f = 15;
    A = 10; B = 11; C = 12; D = 13; E = 14; F = 15;
  };

  functionArgs = f:
    if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f))
    else builtins.functionArgs f;

  setFunctionArgs = f: arguments: {
    __functor = self: f;
    __functionArgs = arguments;
  };

  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));

  show = builtins.warn or (message: builtins.trace "evaluation warning: ${message}");

  warn = message:
    if builtins.isString message then show message
    else throw "lib.warn: the message is not a string, but a ${builtins.typeOf message}";

  throwIfNot = condition: message: if condition then value: value else throw message;

  toBaseDigits = base: number:
    let
      step = number: rest:
        let quotient = number / base;
        in if number < base then [ number ] ++ rest
          else step quotient ([ (number - quotient * base) ] ++ rest);
    in
    if ! (builtins.isInt base && base >= 2)
    then throw "lib.trivial.toBaseDigits: the base must be an integer of at least 2"
    else if ! (builtins.isInt number && number >= 0)
    then throw "lib.trivial.toBaseDigits: the number must be an integer of at least 0"
    else step number [ ];
in
{
  inherit (builtins)
    add bitAnd bitOr bitXor deepSeq genericClosure isBool isFloat isInt lessThan pathExists
    readFile seq sub;

  # Combinators

  # The value itself.
  id = value: value;

  # The first of two values, whatever the second is.
  const = value: _: value;

  # A value through a list of functions, first to last.
  pipe = builtins.foldl' (value: f: f value);

  # A function of two arguments with the arguments exchanged.
  flip = f: a: b: f b a;

  # The second value, or the first where the second is null.
  defaultTo = default: value: if value == null then default else value;

  # A function of a value, but null of null.
  mapNullable = f: value: if value == null then null else f value;

  # Both lists, one after the other.
  concat = a: b: a ++ b;

  # Both sets; the second's attributes count where both have one.
  mergeAttrs = a: b: a // b;

  # Logic and numbers

  or = a: b: a || b;
  and = a: b: a && b;
  xor = a: b: (! a) != (! b);

  # All bits of an integer inverted.
  bitNot = builtins.sub (-1);

  # "true" or "false".
  boolToString = value: if value then "true" else "false";

  # "yes" or "no".
  boolToYesNo = value: if value then "yes" else "no";

  # The lesser and the greater of two values that can be compared.
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;

  # What remains of an integer division; its sign is the dividend's.
  mod = dividend: divisor: dividend - divisor * (dividend / divisor);

  # -1, 0 or 1, as the first value is less than, equal to or greater than the second.
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;

  # Compares values of two classes: those that satisfy the predicate come first; `yes` compares two
  # of them, `no` two others.
  splitByAndCompare = predicate: yes: no: a: b:
    if predicate a
    then if predicate b then yes a b else -1
    else if predicate b then 1 else no a b;

  # An integer of at least 0 in hexadecimal, with capital letters.
  toHexString = number:
    builtins.concatStringsSep ""
      (map (digit: builtins.substring digit 1 digits) (toBaseDigits 16 number));

  # The integer that hexadecimal digits stand for; "0x" may precede them.
  fromHexString = text:
    let match = builtins.match "(0[xX])?([0-9a-fA-F]+)" text;
    in
    if match == null then throw "lib.trivial.fromHexString: not a hexadecimal number: ${text}"
    else builtins.foldl'
      (sum: digit: if builtins.isString digit then sum else sum * 16 + digitValue.${builtins.head digit})
      0
      (builtins.split "(.)" (builtins.elemAt match 1));

  inherit toBaseDigits;

  # Files

  # The value of a JSON file.
  importJSON = path: builtins.fromJSON (builtins.readFile path);

  # The value of a TOML file.
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  # This library

  inherit release versionSuffix oldestSupportedRelease;
  version = release + versionSuffix;
  nixpkgsVersion = release + versionSuffix;
  codeName = "Xantusia";

  # Whether nobody is left who uses a release older than this one, such as 2411.
  oldestSupportedReleaseIsAtLeast = number: number <= oldestSupportedRelease;
  isInOldestRelease = number: number <= oldestSupportedRelease;

  # The revision of this library where it is known, which it is not.
  revisionWithDefault = default: default;

  inNixShell = false;
  inPureEvalMode = false;

  # Warnings and errors

  inherit warn throwIfNot;

  # A value, and a warning where the condition holds.
  warnIf = condition: message: if condition then warn message else value: value;

  # A value, and a warning unless the condition holds.
  warnIfNot = condition: message: if condition then value: value else warn message;

  # A value, or an error where the condition holds.
  throwIf = condition: throwIfNot (! condition);

  # A value, or an error where a list has elements that are none of the valid ones.
  checkListOfEnum = message: valid: given:
    let
      unexpected = builtins.filter (x: ! builtins.elem x valid) given;
      show = list: builtins.concatStringsSep ", " (map toString list);
    in
    throwIfNot (unexpected == [ ])
      "${message}: ${show unexpected} unexpected; valid ones: ${show valid}";

  # A value, and a message.
  info = message: builtins.trace "INFO: ${message}";

  # A value, and a list of warnings.
  showWarnings = warnings: value: builtins.foldl' (value: message: warn message value) value warnings;

  # Functions

  inherit functionArgs setFunctionArgs isFunction;

  # A value as a function: one that always gives it, unless it is one already.
  toFunction = value: if isFunction value then value else _: value;

  # Makes functions say that they take what another takes.
  mirrorFunctionArgs = f:
    let arguments = functionArgs f;
    in g: setFunctionArgs g arguments;
}
