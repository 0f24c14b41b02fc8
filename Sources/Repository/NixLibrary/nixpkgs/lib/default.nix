# The functions of nixpkgs' `lib`, written for adage. A file is read when something of it is used.
let
  library = lib: {
    trivial = import ./trivial.nix { inherit lib; };
    fixedPoints = import ./fixed-points.nix { inherit lib; };
    lists = import ./lists.nix { inherit lib; };
    attrsets = import ./attrsets.nix { inherit lib; };
    strings = import ./strings.nix { inherit lib; };
    stringsWithDeps = import ./strings-with-deps.nix { inherit lib; };
    versions = import ./versions.nix { inherit lib; };
    asserts = import ./asserts.nix { inherit lib; };
    debug = import ./debug.nix { inherit lib; };
    cli = import ./cli.nix { inherit lib; };
    generators = import ./generators.nix { inherit lib; };
    meta = import ./meta.nix { inherit lib; };
    customisation = import ./customisation.nix { inherit lib; };
    sources = import ./sources.nix { inherit lib; };
    filesystem = import ./filesystem.nix { inherit lib; };
    path = import ./path.nix { inherit lib; };
    modules = import ./modules.nix { inherit lib; };
    options = import ./options.nix { inherit lib; };
    types = import ./types.nix { inherit lib; };

    # A library with more in it: `lib.extend (final: previous: { … })`.
    extend = extending library;

    inherit (builtins)
      add addErrorContext all any attrNames attrValues bitAnd bitOr bitXor catAttrs concatLists
      concatMap concatStringsSep deepSeq elem elemAt filter fromJSON genericClosure genList
      getAttr getContext groupBy hasAttr hasContext hashFile hashString head intersectAttrs isAttrs
      isBool isFloat isInt isList isPath isString length lessThan listToAttrs map mapAttrs match
      parseDrvName partition pathExists placeholder readFile removeAttrs replaceStrings seq sort
      split splitVersion stringLength sub substring tail toFile toJSON toXML trace tryEval typeOf
      unsafeGetAttrPos zipAttrsWith;
    inherit (builtins) fromTOML toString;
    convertHash = builtins.convertHash or (_: throw "lib.convertHash: this Nix has no builtins.convertHash");

    inherit (lib.trivial)
      and bitNot boolToString boolToYesNo checkListOfEnum compare concat const defaultTo flip
      fromHexString functionArgs id importJSON importTOML info inNixShell inPureEvalMode isFunction
      isInOldestRelease mapNullable max mergeAttrs min mirrorFunctionArgs mod nixpkgsVersion
      oldestSupportedReleaseIsAtLeast or pipe setFunctionArgs showWarnings splitByAndCompare
      throwIf throwIfNot toBaseDigits toFunction toHexString version warn warnIf warnIfNot xor;

    inherit (lib.fixedPoints)
      composeExtensions composeManyExtensions converge extends fix fix' makeExtensible
      makeExtensibleWithCustomName toExtension;

    inherit (lib.lists)
      allUnique commonPrefix compareLists concatAttrValues count crossLists drop dropEnd findFirst
      findSingle flatten fold foldl foldl' foldr forEach groupBy' ifilter0 imap0 imap1 init
      intersectLists last listDfs mutuallyExclusive naturalSort optional optionals range remove
      replaceElemAt replicate reverseList singleton sortOn sublist subtractLists take takeEnd toList
      toposort unique uniqueStrings zipLists zipListsWith;

    inherit (lib.attrsets)
      attrByPath attrVals attrsToList cartesianProduct cartesianProductOfSets chooseDevOutputs
      collect concatMapAttrs dontRecurseIntoAttrs filterAttrs filterAttrsRecursive foldAttrs
      foldlAttrs genAttrs genAttrs' getAttrFromPath getAttrs getBin getDev getFirstOutput getInclude
      getLib getMan getOutput getStatic hasAttrByPath isDerivation longestValidPathPrefix mapAttrs'
      mapAttrsRecursive mapAttrsRecursiveCond mapAttrsToList mapAttrsToListRecursive
      mapAttrsToListRecursiveCond mapCartesianProduct matchAttrs mergeAttrsList nameValuePair
      optionalAttrs overrideExisting recurseIntoAttrs recursiveUpdate recursiveUpdateUntil
      setAttrByPath showAttrPath toDerivation unionOfDisjoint updateManyAttrsByPath zip zipAttrs
      zipAttrsWithNames zipWithNames;

    inherit (lib.strings)
      addContextFrom charToInt commonPrefixLength commonSuffixLength concatImapStrings
      concatImapStringsSep concatLines concatMapAttrsStringSep concatMapStrings concatMapStringsSep
      concatStrings enableFeature enableFeatureAs escape escapeC escapeNixIdentifier escapeNixString
      escapeRegex escapeShellArg escapeShellArgs escapeURL escapeXML fileContents fixedWidthNumber
      fixedWidthString floatToString getName getVersion hasInfix hasPrefix hasSuffix intersperse
      isConvertibleWithToString isStorePath isStringLike isValidPosixName join levenshtein
      levenshteinAtMost lowerChars makeBinPath makeIncludePath makeLibraryPath makeSearchPath
      makeSearchPathOutput nameFromURL normalizePath optionalString removePrefix removeSuffix
      replaceChars replaceString sanitizeDerivationName splitString splitStringBy stringAsChars
      stringToCharacters toCamelCase toInt toIntBase10 toLower toSentenceCase toShellVar toShellVars
      toUpper trim trimWith upperChars versionAtLeast versionOlder withFeature withFeatureAs;

    inherit (lib.stringsWithDeps)
      fullDepEntry noDepEntry packEntry stringAfter textClosureList textClosureMap;

    inherit (lib.asserts) assertEachOneOf assertMsg assertOneOf checkAssertWarn;

    inherit (lib.debug)
      runTests testAllTrue traceFnSeqN traceIf traceSeq traceSeqN traceVal traceValFn traceValSeq
      traceValSeqFn traceValSeqN traceValSeqNFn;

    inherit (lib.generators) mkLuaInline;

    inherit (lib.meta)
      addMetaAttrs appendToName dontDistribute getExe getExe' hiPrio hiPrioSet lowPrio lowPrioSet
      mapDerivationAttrset setName setPrio updateName;

    inherit (lib.customisation)
      callPackagesWith callPackageWith makeOverridable makeScope overrideDerivation;

    inherit (lib.sources)
      canCleanSource cleanSourceFilter commitIdFromGitRepo pathHasContext pathIsGitRepo revOrTag;

    inherit (lib.filesystem)
      packagesFromDirectoryRecursive pathIsDirectory pathIsRegularFile pathType;

    inherit (lib.modules)
      defaultOrderPriority defaultOverridePriority dischargeProperties doRename evalModules
      evalOptionValue filterOverrides fixMergeModules fixupOptionType mergeDefinitions
      mergeOptionDecls mkAfter mkAliasAndWrapDefinitions mkAliasDefinitions mkAliasOptionModule
      mkAliasOptionModuleMD mkAssert mkBefore mkChangedOptionModule mkDefault mkDefinition
      mkDerivedConfig mkFixStrictness mkForce mkIf mkImageMediaOverride mkMerge
      mkMergedOptionModule mkOptionDefault mkOrder mkOverride mkRemovedOptionModule
      mkRenamedOptionModule mkRenamedOptionModuleWith mkVMOverride pushDownProperties
      setDefaultModuleLocation sortProperties;

    inherit (lib.options)
      getFiles getValues isOption literalExample literalExpression literalMD mdDoc
      mergeDefaultOption mergeEqualOption mergeOneOption mergeUniqueOption mkEnableOption mkOption
      mkPackageOption mkSinkUndeclaredOptions optionAttrSetToDocList optionAttrSetToDocList'
      scrubOptionValue showDefs showFiles showOption showOptionWithDefLocs unknownModule;

    inherit (lib.types)
      defaultFunctor defaultTypeMerge isOptionType isType mkOptionType setType;
  };

  # The function `extend` of a library: the same library, with what an overlay gives of the final
  # and the previous one.
  extending = base: overlay:
    let
      extended = final:
        let previous = base final;
        in previous // overlay final previous // { extend = extending extended; };
      lib = extended lib;
    in
    lib;

  lib = library lib;
in
lib
