/* A copy that the C library knows to be too long for its target. */
#include <stdio.h>
#include <string.h>

struct record {
  char name[8];
  int number;
};

__attribute__((noinline)) static int store(struct record *record, const char *name) {
  strcpy(record->name, name);
  return record->number;
}

int main(int argc, char **argv) {
  struct record record = {"", argc};
  return store(&record, argc > 5 ? "short" : "a name that is too long");
}
