/// The part of nixpkgs' `lib` that needs nothing but the language, for configurations that use it
/// to put values together.
///
/// What makes definitions conditional or declares options is there by name, and an error when used.
enum Library {
  static let unsupported = [
    "mkIf", "mkMerge", "mkDefault", "mkForce", "mkOverride", "mkOptionDefault", "mkBefore",
    "mkAfter", "mkOrder", "mkOption", "mkEnableOption", "mkPackageOption", "evalModules", "types",
  ]

  static let source = """
    {
      inherit (builtins)
        add all any attrNames attrValues catAttrs concatLists concatMap concatStringsSep elem
        elemAt filter foldl' fromJSON functionArgs genList getAttr groupBy hasAttr head
        intersectAttrs isAttrs isBool isFloat isFunction isInt isList isPath isString length
        listToAttrs map mapAttrs match partition pathExists readDir readFile removeAttrs
        replaceStrings seq deepSeq sort split splitVersion stringLength substring tail toJSON
        trace tryEval typeOf;
      id = x: x;
      const = x: _: x;
      flip = f: a: b: f b a;
      pipe = builtins.foldl' (x: f: f x);
      toString = builtins.toString;
      throwIf = bad: message: if bad then throw message else x: x;
      throwIfNot = good: message: if good then x: x else throw message;
      optional = condition: x: if condition then [ x ] else [ ];
      optionals = condition: xs: if condition then xs else [ ];
      optionalString = condition: text: if condition then text else "";
      optionalAttrs = condition: set: if condition then set else { };
      concatStrings = builtins.concatStringsSep "";
      concatMapStrings = f: xs: builtins.concatStringsSep "" (map f xs);
      concatMapStringsSep = separator: f: xs: builtins.concatStringsSep separator (map f xs);
      hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
      hasSuffix = suffix: text:
        let n = builtins.stringLength suffix; m = builtins.stringLength text;
        in m >= n && builtins.substring (m - n) n text == suffix;
      removePrefix = prefix: text:
        let n = builtins.stringLength prefix;
        in if builtins.substring 0 n text == prefix then builtins.substring n (-1) text else text;
      removeSuffix = suffix: text:
        let n = builtins.stringLength suffix; m = builtins.stringLength text;
        in if m >= n && builtins.substring (m - n) n text == suffix
          then builtins.substring 0 (m - n) text else text;
      nameValuePair = name: value: { inherit name value; };
      mapAttrs' = f: set:
        builtins.listToAttrs (map (name: f name set.${name}) (builtins.attrNames set));
      mapAttrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
      filterAttrs = keep: set:
        removeAttrs set
          (builtins.filter (name: !keep name set.${name}) (builtins.attrNames set));
      genAttrs = names: f:
        builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
      flatten = x:
        if builtins.isList x
          then builtins.concatMap
            (let flatten = y: if builtins.isList y then builtins.concatMap flatten y else [ y ];
             in flatten) x
          else [ x ];
      unique = builtins.foldl' (seen: x: if builtins.elem x seen then seen else seen ++ [ x ]) [ ];
      range = first: last: if first > last then [ ] else builtins.genList (i: first + i) (last - first + 1);
      last = xs: builtins.elemAt xs (builtins.length xs - 1);
      recursiveUpdate =
        let update = left: right: left // builtins.mapAttrs
          (name: value:
            if left ? ${name} && builtins.isAttrs left.${name} && builtins.isAttrs value
              then update left.${name} value else value) right;
        in update;
    }
    """
}
