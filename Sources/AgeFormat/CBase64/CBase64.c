#include "CBase64.h"

#include <string.h>

// One algorithm over vectors of 32 bytes, which the compiler makes into the instructions that every processor of the
// kind has, and into AVX2. Half a line is 24 bytes and 32 characters; nothing is read or written outside of the line.

typedef uint8_t Bytes __attribute__((vector_size(32)));
typedef uint8_t HalfBytes __attribute__((vector_size(16)));
typedef uint32_t Words __attribute__((vector_size(32)));
typedef uint64_t Longs __attribute__((vector_size(32)));

enum { line_bytes = 48, columns = 64, line_text = columns + 1 };

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words are taken apart from their lowest byte on"
#endif

#define EACH static inline __attribute__((always_inline))

/// 24 bytes, as eight words whose lowest 24 bits are three bytes, the first highest.
EACH void load_groups(const uint8_t *bytes, Words *groups) {
  HalfBytes low, high;
  memcpy(&low, bytes, 16);
  memcpy(&high, bytes + 8, 16);
  Bytes all = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
    18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
  *groups = (Words)__builtin_shufflevector(all, all, 2, 1, 0, 0, 5, 4, 3, 3, 8, 7, 6, 6, 11, 10, 9, 9, 22, 21, 20, 20,
    25, 24, 23, 23, 28, 27, 26, 26, 31, 30, 29, 29);
}

/// The other way.
EACH void store_groups(uint8_t *bytes, const Words *groups) {
  Bytes all = (Bytes)*groups;
  all = __builtin_shufflevector(all, all, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 18, 17, 16, 22, 21, 20, 26, 25,
    24, 30, 29, 28, 3, 7, 11, 15, 19, 23, 27, 31);
  memcpy(bytes, &all, 24);
}

EACH void encode_half(const uint8_t *bytes, uint8_t *text) {
  Words groups;
  load_groups(bytes, &groups);
  Bytes values = (Bytes)((groups >> 18 & 0x3f) | (groups >> 4 & 0x3f00) | (groups << 10 & 0x3f0000) |
                         (groups << 24 & 0x3f000000));
  // From each range of the alphabet to the next: A to a, z to 0, 9 to +, + to /.
  Bytes characters = values + 'A' + ((Bytes)(values > 25) & (uint8_t)('a' - 'Z' - 1)) +
                     ((Bytes)(values > 51) & (uint8_t)('0' - 'z' - 1)) +
                     ((Bytes)(values > 61) & (uint8_t)('+' - '9' - 1)) +
                     ((Bytes)(values > 62) & (uint8_t)('/' - '+' - 1));
  memcpy(text, &characters, 32);
}

EACH void encode(const uint8_t *bytes, size_t lines, uint8_t *text) {
  for (; lines > 0; lines -= 1, bytes += line_bytes, text += line_text) {
    encode_half(bytes, text);
    encode_half(bytes + 24, text + 32);
    text[columns] = '\n';
  }
}

/// Decodes 32 characters; clears a byte of what is right where there is none of the alphabet.
EACH void decode_half(const uint8_t *text, uint8_t *bytes, Bytes *right) {
  Bytes characters;
  memcpy(&characters, text, 32);
  Bytes is_upper = (Bytes)(characters - 'A' < 26);
  Bytes is_lower = (Bytes)(characters - 'a' < 26);
  Bytes is_digit = (Bytes)(characters - '0' < 10);
  Bytes is_plus = (Bytes)(characters == '+');
  Bytes is_slash = (Bytes)(characters == '/');
  Words values = (Words)((is_upper & (characters - 'A')) | (is_lower & (characters - ('a' - 26))) |
                         (is_digit & (characters + (52 - '0'))) | (is_plus & 62) | (is_slash & 63));
  values = (values << 18 & 0xfc0000) | (values << 4 & 0x3f000) | (values >> 10 & 0xfc0) | values >> 24;
  store_groups(bytes, &values);
  *right &= is_upper | is_lower | is_digit | is_plus | is_slash;
}

EACH size_t decode(const uint8_t *text, size_t lines, uint8_t *bytes) {
  for (size_t line = 0; line < lines; line += 1, text += line_text, bytes += line_bytes) {
    Bytes right = (Bytes){} == 0;
    decode_half(text, bytes, &right);
    decode_half(text + 32, bytes + 24, &right);
    Longs all = (Longs)right;
    if ((all[0] & all[1] & all[2] & all[3]) != UINT64_MAX || text[columns] != '\n') return line;
  }
  return lines;
}

void adage_base64_encode(const uint8_t *bytes, size_t lines, uint8_t *text) { encode(bytes, lines, text); }

size_t adage_base64_decode(const uint8_t *text, size_t lines, uint8_t *bytes) { return decode(text, lines, bytes); }

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#else
#define AVX2
#endif

AVX2 void adage_base64_encode_avx2(const uint8_t *bytes, size_t lines, uint8_t *text) { encode(bytes, lines, text); }

AVX2 size_t adage_base64_decode_avx2(const uint8_t *text, size_t lines, uint8_t *bytes) {
  return decode(text, lines, bytes);
}
