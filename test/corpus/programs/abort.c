/* abort() */
#include <stdlib.h>
#include <string.h>

struct request {
  int id;
  char *path;
};

static void refuse(const struct request *request, const char *reason) {
  char message[64];
  strcpy(message, reason);
  if (request->id > 0)
    abort();
}

int main(void) {
  struct request request = {7, strdup("/some/path")};
  refuse(&request, "not allowed");
  return 0;
}
