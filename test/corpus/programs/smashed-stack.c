/* A local array that was written past its end; the compiler's guard notices at the return. */
#include <string.h>

static int length(const char *text) {
  char copy[16];
  strcpy(copy, text);
  return strlen(copy);
}

int main(void) { return length("a text that is much longer than sixteen bytes"); }
