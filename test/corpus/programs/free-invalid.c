/* free() of what malloc() did not give. */
#include <stdlib.h>

struct session {
  int id;
  char name[60];
};

static void end_session(struct session *session) { free(session->name); }

int main(void) {
  struct session *session = calloc(1, sizeof *session);
  end_session(session);
  return 0;
}
