# Lists.
{ lib }:
let
  inherit (builtins)
    all any concatLists concatMap elem elemAt filter foldl' genList groupBy head isList isString
    length listToAttrs map partition seq sort tail;

  foldr = f: initial: list:
    let
      count = length list;
      from = index: if index == count then initial else f (elemAt list index) (from (index + 1));
    in
    from 0;

  # The elements from an index, at most `count`.
  sublist = start: count: list:
    let available = length list - start;
    in
    genList (index: elemAt list (start + index))
      (if available <= 0 then 0 else if available < count then available else count);

  take = sublist 0;
  drop = count: list: sublist count (length list) list;

  reverseList = list:
    let count = length list;
    in genList (index: elemAt list (count - 1 - index)) count;

  imap0 = f: list: genList (index: f index (elemAt list index)) (length list);

  foldl = f: initial: list:
    let to = index: if index < 0 then initial else f (to (index - 1)) (elemAt list index);
    in to (length list - 1);

  groupBy' = f: initial: key: list: builtins.mapAttrs (_: foldl f initial) (groupBy key list);

  # The index of the first element that satisfies a predicate. The rest is neither looked at nor
  # forced, and a long list costs no depth.
  findFirstIndex = predicate: default: list:
    let
      # The number of elements that came before the match, or -1 - that number once it is there.
      search = foldl'
        (state: element:
          if state < 0 then state
          else if predicate element then -1 - state
          else state + 1)
        0
        list;
    in
    if search < 0 then -1 - search else default;

  # How many of the first elements of two lists are the same.
  commonLength = a: b:
    let shorter = if length a < length b then length a else length b;
    in findFirstIndex (index: elemAt a index != elemAt b index) shorter (genList (index: index) shorter);

  compareLists = compare: a: b:
    let
      shorter = if length a < length b then length a else length b;
      first = findFirstIndex (index: compare (elemAt a index) (elemAt b index) != 0) null
        (genList (index: index) shorter);
    in
    if first != null then compare (elemAt a first) (elemAt b first)
    else if length a < length b then -1
    else if length a > length b then 1
    else 0;

  # Whether looking elements up by name is worth it: many, and strings all of them.
  areNames = list: length list > 12 && all isString list;

  # A function that says whether a list contains a value.
  membership = list:
    if areNames list
    then
      let names = listToAttrs (map (name: { inherit name; value = null; }) list);
      in element: isString element && names ? ${element}
    else element: elem element list;

  unique = list:
    if areNames list
    then map (entry: entry.key) (builtins.genericClosure {
      startSet = map (key: { inherit key; }) list;
      operator = _: [ ];
    })
    else foldl' (seen: element: if elem element seen then seen else seen ++ [ element ]) [ ] list;

  zipListsWith = f: a: b:
    genList (index: f (elemAt a index) (elemAt b index))
      (if length a < length b then length a else length b);

  # Walks from the first element to one that nothing left precedes.
  listDfs = stopOnCycles: before: list:
    let
      visit = current: visited: rest:
        let
          loops = filter (element: before element current) visited;
          earlier = partition (element: before element current) rest;
        in
        if stopOnCycles && loops != [ ] then { cycle = current; inherit loops visited rest; }
        else if earlier.right == [ ] then { minimal = current; inherit visited rest; }
        else visit (head earlier.right) ([ current ] ++ visited) (tail earlier.right ++ earlier.wrong);
    in
    visit (head list) [ ] (tail list);

  toposort = before: list:
    let
      first = listDfs true before list;
      others = toposort before (first.visited ++ first.rest);
    in
    if length list < 2 then { result = list; }
    else if first ? cycle then {
      cycle = reverseList ([ first.cycle ] ++ first.visited);
      inherit (first) loops;
    }
    else if others ? cycle then others
    else { result = [ first.minimal ] ++ others.result; };

  # The parts of a string for an order in which numbers count by their value.
  naturalKey = text:
    map (part: if isList part then lib.strings.toIntBase10 (head part) else part)
      (builtins.split "(0|[1-9][0-9]*)" text);
in
{
  inherit (builtins)
    all any concatLists concatMap elem elemAt filter genList groupBy head isList length map
    partition sort tail;

  # One element, as a list.
  singleton = element: [ element ];

  # `map` with the list first.
  forEach = list: f: map f list;

  # Folds from the right: f first (f second (… initial)); lazy where f is.
  inherit foldr;
  fold = foldr;

  # Folds from the left: f (f (f initial first) second) …; forces nothing that f does not.
  inherit foldl;

  # Folds from the left, forcing every step, the initial value included.
  foldl' = f: initial: seq initial (foldl' f initial);

  # `map` with the index, which begins at 0 or at 1.
  inherit imap0;
  imap1 = f: imap0 (index: f (index + 1));

  # `filter` with the index.
  ifilter0 = predicate: list:
    map (elemAt list)
      (filter (index: predicate index (elemAt list index)) (genList (index: index) (length list)));

  # All elements of nested lists, in order.
  flatten = value:
    let from = value: if isList value then concatMap from value else [ value ];
    in from value;

  # A list without the elements that equal a value.
  remove = value: filter (element: element != value);

  # The only element that satisfies a predicate, or what stands for none and for several.
  findSingle = predicate: none: several: list:
    let found = filter predicate list;
    in
    if found == [ ] then none
    else if length found == 1 then head found
    else several;

  inherit findFirstIndex;

  # The first element that satisfies a predicate, or the default.
  findFirst = predicate: default: list:
    let index = findFirstIndex predicate null list;
    in if index == null then default else elemAt list index;

  # How many elements satisfy a predicate.
  count = predicate: foldl' (count: element: if predicate element then count + 1 else count) 0;

  # A value as a list, or a list, where the condition holds; else the empty list.
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: list: if condition then list else [ ];

  # A list as it is, anything else as the only element of one.
  toList = value: if isList value then value else [ value ];

  # The integers between two, both included.
  range = first: last:
    if first > last then [ ] else genList (index: first + index) (last - first + 1);

  # A value as often as wanted.
  replicate = count: value: genList (_: value) count;

  # The elements by the text that a function gives of them, folded.
  inherit groupBy';

  # Two lists, element by element, as long as the shorter.
  inherit zipListsWith;
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });

  inherit reverseList;

  # Depth-first search, and an order in which `before a b` puts a before b: `{ result }`, or
  # `{ cycle, loops }`.
  inherit listDfs toposort;

  # `sort` by what a function makes of each element, once.
  sortOn = f: list:
    map (pair: elemAt pair 1)
      (sort (a: b: head a < head b) (map (element: [ (f element) element ]) list));

  # Compares two lists element by element; the shorter comes first.
  inherit compareLists;

  # Sorts strings so that the numbers in them count by their value.
  naturalSort = list:
    map (pair: elemAt pair 1)
      (sort (a: b: compareLists lib.trivial.compare (head a) (head b) < 0)
        (map (text: [ (naturalKey text) text ]) list));

  # The first or last elements, or all but them; asking for more than there are gives what there is.
  inherit take drop;
  takeEnd = count: list: drop (lib.trivial.max 0 (length list - count)) list;
  dropEnd = count: list: take (lib.trivial.max 0 (length list - count)) list;
  inherit sublist;

  # Whether a list begins with another, and the rest of one that does.
  hasPrefix = prefix: list: take (length prefix) list == prefix;
  removePrefix = prefix: list:
    if take (length prefix) list == prefix then drop (length prefix) list
    else throw "lib.lists.removePrefix: the first list is not what the second begins with";

  # What two lists begin with, both of them.
  commonPrefix = a: b: take (commonLength a b) a;

  # The last element, and all but it.
  last = list:
    if list == [ ] then throw "lib.lists.last: the list must not be empty"
    else elemAt list (length list - 1);
  init = list:
    if list == [ ] then throw "lib.lists.init: the list must not be empty"
    else take (length list - 1) list;

  # A function of every combination of elements, one of each list.
  crossLists = f: foldl' (functions: list: concatMap (f: map f list) functions) [ f ];

  # A list without repetitions; of equal elements the first stays.
  inherit unique;

  # The same of strings, sorted.
  uniqueStrings = list:
    builtins.attrNames (listToAttrs (map (name: { inherit name; value = null; }) list));

  # Whether no two elements are equal.
  allUnique = list: length (unique list) == length list;

  # The elements of the second list that are in the first, or that are not.
  intersectLists = a: filter (membership a);
  subtractLists = a: let isIn = membership a; in filter (element: ! isIn element);

  # Whether no element is in both lists.
  mutuallyExclusive = a: b: a == [ ] || ! any (membership a) b;

  # The lists of a set of lists, one after the other.
  concatAttrValues = set: concatLists (builtins.attrValues set);

  # A list with another element at an index.
  replaceElemAt = list: index: element:
    if index < 0 || index >= length list
    then throw "lib.lists.replaceElemAt: there is no index ${toString index} in a list of ${toString (length list)}"
    else imap0 (at: old: if at == index then element else old) list;
}
