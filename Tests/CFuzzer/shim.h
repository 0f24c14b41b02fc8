#include <stddef.h>
#include <stdint.h>

/* libFuzzer as a library: runs `one_input` on what it invents until its arguments say that it is enough. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));
