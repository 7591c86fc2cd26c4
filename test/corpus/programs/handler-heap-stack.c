/* A handler on an alternate stack from malloc() that handles a stack overflow by aborting. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void on_overflow(int number) {
  char last_words[256];
  strcpy(last_words, "the stack has overflowed");
  abort();
}

static int deeper(int depth) {
  char buffer[1000];
  memset(buffer, depth, sizeof buffer);
  return deeper(depth + 1) + buffer[5];
}

int main(void) {
  stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
  struct sigaction action = {.sa_handler = on_overflow, .sa_flags = SA_ONSTACK};
  sigaltstack(&stack, NULL);
  sigaction(SIGSEGV, &action, NULL);
  return deeper(0);
}
