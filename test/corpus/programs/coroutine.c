/* A crash within a coroutine, whose stack comes from malloc(). */
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

static ucontext_t caller, coroutine;

struct job {
  char *title;
  int *result;
};

static struct job job;

static void step(struct job *given, const char *phase) {
  char note[40];
  strcpy(note, phase);
  *given->result = note[0];
}

static void body(void) {
  struct job own = job;
  step(&own, "first phase");
}

int main(void) {
  job.title = strdup("a job with a title");
  getcontext(&coroutine);
  coroutine.uc_stack.ss_sp = malloc(65536);
  coroutine.uc_stack.ss_size = 65536;
  coroutine.uc_link = &caller;
  makecontext(&coroutine, body, 0);
  swapcontext(&caller, &coroutine);
  return 0;
}
