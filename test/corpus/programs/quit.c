/* Ended by somebody who pressed ^\ while it waited. */
#include <signal.h>
#include <unistd.h>

static int wait_for(const char *what) {
  kill(getpid(), SIGQUIT);
  return pause() + what[0];
}

int main(void) { return wait_for("something that never comes"); }
