{ lib, ... }:
lib.mkIf true {
  number = 2;
  maybe = null;
  single = "two";
  numbers = {
    a = 2;
  };
}
