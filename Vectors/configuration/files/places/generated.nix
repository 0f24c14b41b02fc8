{ lib, ... }: {
  numbers = lib.genAttrs [ "c" ] (name: "five");
}
