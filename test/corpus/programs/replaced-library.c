/* Crashes in a library that has meanwhile been replaced by another build. */
#include <stdio.h>

int find_entry(const char *key, int start);

int main(int argc, char **argv) {
  rename(argv[1], argv[2]);
  return find_entry("a key", argc);
}
