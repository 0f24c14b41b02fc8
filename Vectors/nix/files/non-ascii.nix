# Schlüssel für Jürgen
{ name = "Jürgen 日本"; "schlüssel" = 1; }
