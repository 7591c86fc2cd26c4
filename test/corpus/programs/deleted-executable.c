/* A program that removes its own file, as an upgrade does. */
#include <string.h>
#include <unistd.h>

static int use(const char *path, int value) { return *(volatile int *)0 + path[value]; }

int main(int argc, char **argv) {
  unlink(argv[0]);
  return use(argv[0], 3);
}
