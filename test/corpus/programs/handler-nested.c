/* A handler that is interrupted by another signal, whose handler has no stack of its own and crashes. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void on_second(int number) {
  char *what = strdup("inner");
  *(volatile int *)0 = what[0];
}

static void on_first(int number) {
  char *what = strdup("outer");
  raise(SIGUSR2);
  free(what);
}

static void begin(const char *why) { raise(SIGUSR1); }

int main(void) {
  stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
  sigaltstack(&stack, NULL);
  struct sigaction first = {.sa_handler = on_first, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &first, NULL);
  signal(SIGUSR2, on_second);
  begin("two signals");
  return 0;
}
