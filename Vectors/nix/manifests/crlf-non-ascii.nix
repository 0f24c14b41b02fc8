# Geheimnisse für Jürgen — 日本
let
  juergen = "ssh-ed25519 AAAA-j jürgen@büro";
in
{
  "Passwörter/résumé.age".publicKeys = [ juergen ];
  "mit leerzeichen.age".publicKeys = [ juergen juergen ];
}
