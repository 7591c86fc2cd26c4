/** A program that dies, and how it is compiled. */
export interface DyingProgram {
  source: string;
  /** `-g -O0` by default. */
  flags?: readonly string[];
  /** `p.cc` for C++; C by default. */
  file?: string;
}

const STRUCTURES = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct item { int number; double price; char *label; struct item *next; };
static struct item *make(int number, struct item *next) {
  struct item *item = malloc(sizeof *item);
  char text[64];
  snprintf(text, sizeof text, "item number %d, with a label that is long enough", number);
  *item = (struct item){number, number * 1.5, strdup(text), next};
  return item;
}
static int counters[64] = {1, 2, 3};
static int fail(struct item *item, const char *why, int depth) {
  struct item copy = *item->next;
  char *label = item->label;
  char *second = copy.label;
  int numbers[40];
  for (int i = 0; i < 40; i++) numbers[i] = counters[0] = i * depth;
  if (depth == 0) return *(volatile int *)(long)numbers[0] + (int)strlen(why) + label[0] + second[0];
  return fail(item, why, depth - 1) + numbers[1];
}
int main(int argc, char **argv) {
  struct item *list = NULL;
  for (int i = 0; i < 5; i++) list = make(i, list);
  char *why = strdup("because it has to");
  return fail(list, why, 4) + argc;
}`;

const THREADS = `
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>
static pthread_barrier_t ready;
static __thread int mine = 3;
static void wait_here(char *name, int number) { char local[100]; strcpy(local, name); pthread_barrier_wait(&ready); mine = number; for (;;) pause(); }
static void *work(void *argument) {
  char *name = malloc(40);
  snprintf(name, 40, "the name of worker %d", *(int *)argument);
  pthread_setname_np(pthread_self(), name + 12);
  wait_here(name, *(int *)argument);
  return NULL;
}
int main(int argc, char **argv) {
  int count = COUNT;
  pthread_t *threads = calloc(count, sizeof *threads);
  int *numbers = calloc(count, sizeof *numbers);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_barrier_init(&ready, NULL, count + 1);
  for (int i = 0; i < count; i++) { numbers[i] = i; pthread_create(&threads[i], &attributes, work, &numbers[i]); }
  pthread_barrier_wait(&ready);
  abort();
}`;

/** Each differs from the others in what a debugger needs to see. */
export const PROGRAMS: Readonly<Record<string, DyingProgram>> = {
  debug: { source: STRUCTURES },
  stripped: { source: STRUCTURES, flags: ['-O0', '-s'] },
  optimised: { source: STRUCTURES, flags: ['-g', '-O2'] },
  static: { source: STRUCTURES, flags: ['-g', '-static'] },
  staticpie: { source: STRUCTURES, flags: ['-g', '-static-pie'] },
  nopie: { source: STRUCTURES, flags: ['-g', '-no-pie'] },
  threads10: { source: THREADS, flags: ['-g', '-DCOUNT=10'] },
  threads100: { source: THREADS, flags: ['-g', '-DCOUNT=100'] },
  assertion: {
    source: `#include <assert.h>
    static int check(int answer) { assert(answer == 42 && "the answer must be 42"); return answer; }
    int main(int argc, char **argv) { return check(argc); }`,
  },
  doublefree: {
    source: `#include <stdlib.h>
    static void drop(void *memory) { free(memory); }
    int main(void) { char *volatile text = malloc(100); drop(text); drop(text); return 0; }`,
  },
  overflow: {
    source: `#include <string.h>
    static int deeper(int depth, char *text) { char buffer[200]; strcpy(buffer, text); return deeper(depth + 1, buffer) + buffer[depth % 7]; }
    int main(void) { return deeper(0, "some text on every frame"); }`,
  },
  altstack: {
    source: `#include <signal.h>
    #include <stdlib.h>
    #include <string.h>
    static struct state { int phase; char *text; } state = {1, "initial"};
    static void on_signal(int number, siginfo_t *info, void *context) { struct state *seen = &state; abort(); }
    static int broken(struct state *given) { given->phase = 7; return *(volatile int *)0 + given->phase; }
    int main(void) {
      stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
      struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
      sigaltstack(&stack, 0); sigaction(SIGSEGV, &action, 0);
      state.text = strdup("changed");
      return broken(&state);
    }`,
  },
  jumptonull: {
    source: `static int call(int (*function)(int), char *text) { return function(3) + text[0]; }
    int main(void) { return call(0, "a text"); }`,
  },
  globals: {
    source: `static int numbers[2000]; static char text[64] = "initial text"; static const char *pointer = text;
    #include <string.h>
    static int use(int *from, const char *given) { strcpy(text, "changed at run time"); from[1500] = 5; return *(volatile int *)0; }
    int main(void) { numbers[7] = 8; return use(numbers, pointer); }`,
  },
  exception: {
    file: 'p.cc',
    source: `#include <map>
    #include <stdexcept>
    #include <string>
    #include <vector>
    #include <memory>
    struct Order { std::string customer; std::vector<int> items; std::vector<std::string> notes; std::map<std::string, double> prices; std::shared_ptr<std::string> owner; };
    static double total(const Order &order) { if (order.items.size() > 2) throw std::runtime_error("too many items for " + order.customer); return order.prices.at("x"); }
    int main() { Order order{"ACME, a customer whose name is not short", {1, 2, 3}, {"first note which is a long one", "second"}, {{"bolt", 0.5}, {"nut", 0.25}, {"screw with a long name, longer than short", 1}}, std::make_shared<std::string>("an owner with a long name as well")}; return total(order); }`,
  },
  exceptiono2: {
    file: 'p.cc',
    flags: ['-g', '-O2'],
    source: `#include <map>
    #include <stdexcept>
    #include <string>
    #include <vector>
    struct Order { std::string customer; std::vector<int> items; std::map<std::string, double> prices; };
    __attribute__((noinline)) static double total(const Order &order) { if (order.items.size() > 2) throw std::runtime_error("too many items for " + order.customer); return order.prices.at("x"); }
    int main(int argc, char **argv) { Order order{"ACME", {1, 2, 3}, {{"bolt", 0.5}, {"nut", 0.25}, {"screw", 1}, {"nail", 2}, {"hook", 3}}}; double sum = total(order); return sum + order.prices.size(); }`,
  },
  bigvector: {
    file: 'p.cc',
    source: `#include <string>
    #include <vector>
    static int use(std::vector<std::string> &names, std::vector<double> &sums) { return *(volatile int *)0 + names.size(); }
    int main() { std::vector<std::string> names; std::vector<double> sums; for (int i = 0; i < 300; i++) { names.push_back("name of number " + std::to_string(i)); sums.push_back(i); } return use(names, sums); }`,
  },
};
