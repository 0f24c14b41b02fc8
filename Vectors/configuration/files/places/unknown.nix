{
  numbr = 1;
}
