// Whole lines of armor, 48 bytes in 64 columns and a line feed: vectors, which Swift cannot choose at run time.
#ifndef ADAGE_BASE64_H
#define ADAGE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has instructions beyond those that every one of its kind has, and which are made use of.
bool adage_base64_has_wide(void);

/// Encodes 48 bytes for each line into 65.
void adage_base64_encode(const uint8_t *bytes, size_t lines, uint8_t *text, bool is_wide);

/// Decodes 65 bytes for each line into 48, up to the first line that is not 64 characters of the alphabet and a line
/// feed; what is written for that one means nothing. Returns how many lines it decoded.
size_t adage_base64_decode(const uint8_t *text, size_t lines, uint8_t *bytes, bool is_wide);

#endif
