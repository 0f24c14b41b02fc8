# Sets that refer to themselves, and extensions of them.
#
# An extension, or overlay, is a function `final: previous: { … }`.
{ lib }:
let
  fix = f: let final = f final; in final;

  extends = overlay: f: final:
    let previous = f final;
    in previous // overlay final previous;

  composeExtensions = first: second: final: previous:
    let
      changes = first final previous;
      between = previous // changes;
    in
    changes // second final between;

  # An extension from what may be one, a function of the previous set, or a set.
  toExtension = value:
    if ! builtins.isFunction value then final: previous: value
    else final: previous:
      let once = value previous;
      in if builtins.isFunction once then value final previous else once;

  makeExtensibleWithCustomName = name: f:
    fix (final: f final // {
      ${name} = overlay: makeExtensibleWithCustomName name (extends overlay f);
    });
in
{
  # The value that a function gives of that value.
  inherit fix;

  # The same, with the function under `__unfix__`.
  fix' = f: let final = f final // { __unfix__ = f; }; in final;

  # Applies a function until the value stays as it is.
  converge = f:
    let
      step = value:
        let next = f value;
        in if next == value then value else step next;
    in
    step;

  # A function for `fix`, with an extension applied.
  inherit extends;

  # Two extensions as one.
  inherit composeExtensions;

  # Many extensions as one, the first applied first.
  composeManyExtensions = extensions:
    builtins.foldl' composeExtensions (final: previous: { }) extensions;

  inherit toExtension;

  # A fixed point with a function `extend`, or one of another name.
  makeExtensible = makeExtensibleWithCustomName "extend";
  inherit makeExtensibleWithCustomName;
}
