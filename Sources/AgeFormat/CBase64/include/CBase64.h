// Whole lines of armor, 48 bytes in 64 columns and a line feed, in vectors: Swift cannot choose instructions at run time.
#ifndef ADAGE_BASE64_H
#define ADAGE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/// Encodes 48 bytes for each line into 65.
void adage_base64_encode(const uint8_t *bytes, size_t lines, uint8_t *text);

/// The same for processors that have AVX2.
void adage_base64_encode_avx2(const uint8_t *bytes, size_t lines, uint8_t *text);

/// Decodes 65 bytes for each line into 48, up to the first line that is not 64 characters of the alphabet and a line
/// feed; what is written for that one means nothing. Returns how many lines it decoded.
size_t adage_base64_decode(const uint8_t *text, size_t lines, uint8_t *bytes);

/// The same for processors that have AVX2.
size_t adage_base64_decode_avx2(const uint8_t *text, size_t lines, uint8_t *bytes);

#endif
