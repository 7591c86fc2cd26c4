/* A write to a member of a structure that is not there. */
#include <stdlib.h>
#include <string.h>

struct account {
  char owner[32];
  long balance;
  struct account *partner;
};

static void transfer(struct account *from, struct account *to, long amount) {
  from->balance -= amount;
  to->balance += amount;
}

int main(void) {
  struct account *first = calloc(1, sizeof *first);
  strcpy(first->owner, "the first owner");
  transfer(first, first->partner, 100);
  return 0;
}
