/* A handler on an alternate stack in static memory that aborts: what it interrupted is on another stack. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct state {
  int phase;
  char *text;
} state = {1, "initial"};

static char alternate[65536];

static void on_signal(int number, siginfo_t *info, void *context) {
  struct state *seen = &state;
  if (seen->phase == 7)
    abort();
}

static int broken(struct state *given) {
  char *note = strdup("in the interrupted function");
  given->phase = 7;
  return *(volatile int *)0 + given->phase + note[0];
}

int main(void) {
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaltstack(&stack, NULL);
  sigaction(SIGSEGV, &action, NULL);
  state.text = strdup("changed");
  return broken(&state);
}
