/* A block of the heap that was written past its end: glibc notices at the next allocation. */
#include <stdlib.h>
#include <string.h>

struct buffer {
  size_t size;
  char *bytes;
};

static void fill(struct buffer *buffer, size_t more) { memset(buffer->bytes, 0x41, buffer->size + more); }

int main(void) {
  struct buffer buffer = {24, malloc(24)};
  fill(&buffer, 64);
  char *next = malloc(5000);
  return next[0];
}
