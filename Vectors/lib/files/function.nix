{ a }: { value = a + 1; }
