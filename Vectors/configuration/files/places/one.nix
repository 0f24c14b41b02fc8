{
  number = 1;
  fixed = 2;
  maybe = 1;
  single = "one";
  numbers.a = 1;
  services.web = {
    enable = true;
    port = "80";
  };
}
