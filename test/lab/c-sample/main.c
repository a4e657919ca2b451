// Adds the parts up, and says on what: the same sum on every processor, or the compiler was not run rightly.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#define PART(number) uint64_t part_##number(uint64_t seed);
#include "parts.h"
#undef PART

int main(void) {
  uint64_t sum = 0;
  int parts = 0;
#define PART(number) sum ^= part_##number(sum), parts++;
#include "parts.h"
  printf("%d parts, %zu bits, %016" PRIx64 "\n", parts, sizeof(void *) * 8, sum);
  return 0;
}
