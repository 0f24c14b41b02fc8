scope + (if builtins ? x then 1 else 2) + map
