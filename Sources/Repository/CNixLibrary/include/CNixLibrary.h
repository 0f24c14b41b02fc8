// Files of Nix that are part of the program, as they are in Sources: what an expression can import without Nix.
#ifndef ADAGE_NIX_LIBRARY_H
#define ADAGE_NIX_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

struct adage_nix_file {
  /// Where an evaluation sees the file, absolute.
  const char *path;
  const uint8_t *bytes;
  size_t count;
};

/// All files, in order of their paths, and how many there are.
const struct adage_nix_file *adage_nix_files(size_t *count);

#endif
