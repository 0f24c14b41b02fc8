if false then 0 else builtins.length [ true ] + (q)
