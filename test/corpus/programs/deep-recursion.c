/* A deep recursion that ends in an abort: 3,000 frames with a pointer from each to the one before. */
#include <stdlib.h>

struct level {
  int number;
  const struct level *above;
};

static int descend(const struct level *above, int left) {
  struct level own = {above->number + 1, above};
  if (left == 0)
    abort();
  return descend(&own, left - 1) + own.number;
}

static int start(int levels) {
  struct level top = {1000, NULL};
  return descend(&top, levels);
}

int main(void) { return start(3000); }
