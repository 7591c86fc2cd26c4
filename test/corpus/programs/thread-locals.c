/* Thread-local variables, errno, and a pointer that only a thread-local variable holds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct context {
  int depth;
  char *user;
};

static __thread struct context context = {1, "nobody"};
static __thread char scratch[256];
__thread struct context *current;

static int fail(struct context *given) {
  int error = errno;
  int *where = &errno;
  given->depth += error;
  return *(volatile int *)0 + *where;
}

int main(void) {
  context.user = strdup("a user");
  strcpy(scratch, "written at run time");
  current = &context;
  errno = ENOENT;
  return fail(current);
}
