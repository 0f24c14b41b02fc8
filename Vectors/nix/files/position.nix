let
  here = __curPos;
  set = {
    a = 1;
    inherit here;
  };
in
{
  here = [ here.line here.column (baseNameOf here.file) ];
  a = let p = builtins.unsafeGetAttrPos "a" set; in [ p.line p.column ];
  inherited = let p = builtins.unsafeGetAttrPos "here" set; in [ p.line p.column ];
}
