"a sibling"
