/* Inlined functions, arguments in registers, a tail call, a function of its own for the unlikely part. */
#include <stdlib.h>
#include <string.h>

struct vector {
  double x, y, z;
  const char *name;
};

static inline double scale(const struct vector *vector, double by) { return vector->x * by + vector->y; }

__attribute__((noinline)) static double norm(const struct vector *vectors, int count, volatile int *flags) {
  double sum = 0;
  for (int i = 0; i < count; i++) {
    sum += scale(&vectors[i], 2.5);
    if (__builtin_expect(flags[i] > 100, 0))
      abort();
  }
  return sum;
}

__attribute__((noinline)) static double evaluate(struct vector *vectors, int count) {
  vectors[0].x = count;
  return norm(vectors, count, NULL) + vectors[0].y;
}

int main(int argc, char **argv) {
  struct vector *vectors = calloc(4, sizeof *vectors);
  vectors[1].name = strdup("the second vector");
  return evaluate(vectors, argc + 3);
}
