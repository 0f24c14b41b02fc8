let {
  admin = "ssh-ed25519 AAAA-admin";
  body = {
    "old.age".publicKeys = [ admin ];
    "url.age".publicKeys = [ age:recipient ];
  };
}
