/* More processor time than its limit allows. */
#include <sys/resource.h>

static volatile unsigned long steps;

static void work(int step) {
  for (;;)
    steps += step;
}

int main(void) {
  struct rlimit limit = {1, 2};
  setrlimit(RLIMIT_CPU, &limit);
  work(3);
  return 0;
}
