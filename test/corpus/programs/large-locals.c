/* 96 KiB of local variables between two functions of the crashed thread. */
#include <stdlib.h>
#include <string.h>

static int total(const int *values, int count, const char *label) {
  int sum = 0;
  for (int i = 0; i <= count; i++)
    sum += values[i * 1000000];
  return sum + label[0];
}

static int measure(const char *label) {
  int values[24 * 1024];
  memset(values, 1, sizeof values);
  return total(values, 24 * 1024, label);
}

int main(void) {
  char *label = strdup("a label");
  return measure(label);
}
