/* Global variables that differ from what the file holds, two of them large. */
#include <stdlib.h>
#include <string.h>

static int numbers[2000];
static char text[64] = "initial text";
static const char *pointer = text;
static char table[1 << 20];
static char arena[40 << 20];
static char *names[] = {"one", "two", "three"};

static int use(int *from, const char *given) {
  char *middle = &table[500000];
  char **second = &names[1];
  strcpy(middle, "in the middle of a large table");
  strcpy(&arena[30 << 20], "far behind 16 MiB that nobody has touched");
  strcpy(text, "changed at run time");
  from[1500] = 5;
  return *(volatile int *)0 + **second;
}

int main(void) {
  numbers[7] = 8;
  names[1] = strdup("deux");
  return use(numbers, pointer);
}
