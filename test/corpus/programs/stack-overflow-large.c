/* A recursion without an end, with frames of 8 KiB. */
#include <stdio.h>

static int walk(int depth, const char *directory) {
  char path[8192];
  snprintf(path, sizeof path, "%.40s/%d", directory, depth);
  return walk(depth + 1, path) + path[depth % 3];
}

int main(void) { return walk(0, "/a"); }
