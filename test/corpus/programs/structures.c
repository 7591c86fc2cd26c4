/* A read through address 0 below a short recursion; arguments and locals are structures, strings and a list on the heap. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
  int number;
  double price;
  char *label;
  struct item *next;
};

static int counters[64] = {1, 2, 3};

static struct item *make(int number, struct item *next) {
  struct item *item = malloc(sizeof *item);
  char text[64];
  snprintf(text, sizeof text, "item number %d, with a label that is long enough", number);
  *item = (struct item){number, number * 1.5, strdup(text), next};
  return item;
}

static int fail(struct item *item, const char *why, int depth) {
  struct item copy = *item->next;
  char *label = item->label;
  char *second = copy.label;
  int numbers[40];
  for (int i = 0; i < 40; i++)
    numbers[i] = counters[0] = i * depth;
  if (depth == 0)
    return *(volatile int *)(long)numbers[0] + (int)strlen(why) + label[0] + second[0];
  return fail(item, why, depth - 1) + numbers[1];
}

int main(int argc, char **argv) {
  struct item *list = NULL;
  for (int i = 0; i < 5; i++)
    list = make(i, list);
  char *why = strdup("because it has to");
  return fail(list, why, 4) + argc;
}
