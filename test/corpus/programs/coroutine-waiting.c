/* A scheduler that crashes while it looks at something on the stack of a coroutine that waits. */
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

static ucontext_t scheduler, coroutine;

struct task {
  char name[40];
  struct task *parent;
  char *detail;
  int progress[20];
};

static struct task *current;

static void body(void) {
  struct task parent = {"the parent", NULL, strdup("detail of the parent")};
  struct task own = {"the task", &parent, strdup("detail of the task")};
  for (int i = 0; i < 20; i++)
    own.progress[i] = i * i;
  current = &own;
  swapcontext(&coroutine, &scheduler);
}

__attribute__((noinline)) static int inspect(register struct task *task) {
  char *detail = task->detail;
  return task->progress[3] + detail[0] + *(volatile int *)0;
}

int main(void) {
  getcontext(&coroutine);
  coroutine.uc_stack.ss_sp = malloc(1 << 20);
  coroutine.uc_stack.ss_size = 1 << 20;
  makecontext(&coroutine, body, 0);
  swapcontext(&scheduler, &coroutine);
  return inspect(current);
}
