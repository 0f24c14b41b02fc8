{
  users = {
    alice = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAlice alice@laptop";
    bob = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq";
  };
  hosts.atlas = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtlas root@atlas";
  hosts.borea = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBorea root@borea";
}
