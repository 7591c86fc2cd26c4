/* 60,000 mappings. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static int sum(char **regions, int count) {
  char *last = regions[count - 1];
  return *(volatile int *)0 + last[0];
}

int main(void) {
  char **regions = calloc(60000, sizeof *regions);
  for (int i = 0; i < 60000; i++) {
    /* Neighbours with other rights are mappings of their own. */
    int rights = i % 2 == 0 ? PROT_READ : PROT_READ | PROT_WRITE;
    regions[i] = mmap(NULL, 4096, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (regions[i] == MAP_FAILED)
      _Exit(1);
  }
  strcpy(regions[59999], "the last region");
  return sum(regions, 60000);
}
