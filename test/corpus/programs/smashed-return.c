/* The same without a guard: it returns to where the text says. */
#include <string.h>

static int length(const char *text, size_t bytes) {
  char copy[16];
  memcpy(copy, text, bytes);
  return copy[3];
}

int main(void) {
  char text[64];
  memset(text, 'A', sizeof text);
  return length(text, sizeof text);
}
