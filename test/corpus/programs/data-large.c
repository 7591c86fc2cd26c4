// Variables behind 8 MiB of .data that nobody has touched and 2 MiB that are all written to: gdb shows the file's initial
// values of what a core leaves out, without a word.
#include <string.h>

int table[2 << 20] = {1};
char cache[2 << 20] = {1};
struct settings {
  int level;
  const char *name;
} settings = {1, "initial"};

static int look(const int *pointer) {
  static int calls = 1;
  calls = 99;
  settings.level = 42;
  settings.name = "changed";
  return *pointer + calls;
}

int main(void) {
  memset(cache, 2, sizeof cache);
  return look(0) + table[3];
}
