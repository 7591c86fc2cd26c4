/** Says that it is ready, and waits in the handler of a signal. */
const WAIT = `
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *wait_for_ever(void *unused) { for (;;) pause(); }
static void on_signal(int number) { write(1, "ready\\n", 6); wait_for_ever(0); }
static void start(void *(*run)(void *), void *argument) {
  pthread_attr_t small;
  pthread_t thread;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 << 10);
  pthread_create(&thread, &small, run, argument);
  usleep(20000);
}
`;

/** Programs with something to show of everything that gdb is asked for: a stack for each, and one that is deep. */
export const GDB_PROGRAMS = {
  'orders.c': `${WAIT}
struct order { int number; const char *customer; struct order *next; double price[3]; };
static int deep(struct order *order, int depth) {
  if (depth == 0) { wait_for_ever(0); return order->number; }
  return deep(order, depth - 1) + depth;
}
static void *recurse(void *order) { return (void *)(long)deep(order, 1200); }
static int total_of(struct order *orders, int count, const char *reason) {
  int total = 0;
  for (int i = 0; i < count; i++) {
    int number = orders[i].number;
    total += number;
    if (i == 1) raise(SIGUSR1);
  }
  return total;
}
int main(void) {
  static struct order orders[3] = {{1, "first", 0, {1.5}}, {2, "a \\"quoted\\" \\\\ one\\n", 0}, {3, 0}};
  orders[0].next = &orders[1];
  signal(SIGUSR1, on_signal);
  start(wait_for_ever, "idle");
  start(recurse, orders);
  return total_of(orders, 3, "to see");
}`,
  'shapes.cc': `${WAIT}
#include <map>
#include <memory>
#include <string>
#include <vector>
namespace shapes {
template <typename Number> struct Point { Number x, y; };
struct Shape {
  virtual ~Shape() = default;
  virtual int draw(const std::string &on, std::vector<Point<long>> points) = 0;
};
struct Square final : Shape {
  std::map<std::string, std::unique_ptr<int>> sides;
  int draw(const std::string &on, std::vector<Point<long>> points) override {
    auto each = [&](Point<long> point) { raise(SIGUSR1); return point.x + (long)on.size(); };
    return each(points.at(1));
  }
};
}
int main() {
  signal(SIGUSR1, on_signal);
  shapes::Square square;
  square.sides.emplace("left", std::make_unique<int>(7));
  shapes::Shape &shape = square;
  return shape.draw("a wall", {{1, 2}, {3, 4}});
}`,
};

/** Waits in 40 threads: their registers alone are more than a small core may hold. */
export const CROWD = `${WAIT}
int main(void) {
  for (int number = 0; number < 40; number++) start(wait_for_ever, 0);
  write(1, "ready\\n", 6);
  wait_for_ever(0);
}`;

/** Waits deep in a recursion, of whose stack a small core holds both ends. */
export const RECURSION = `${WAIT}
static int deep(int depth) {
  if (depth == 0) { write(1, "ready\\n", 6); wait_for_ever(0); }
  return deep(depth - 1) + depth;
}
int main(void) { return deep(3000); }`;

/** The same without a C library, so that a core with all its code is small: -static -nostdlib. */
export const BARE_RECURSION = `
static long call(long number, long one, long two, long three) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(one), "S"(two), "d"(three) : "rcx", "r11", "memory");
  return result;
}
static int deep(int depth) {
  volatile int room[16] = {depth};
  if (depth == 0) { call(1, 1, (long)"ready\\n", 6); for (;;) call(34, 0, 0, 0); }
  return deep(depth - 1) + room[0];
}
static int work(int depth) { return deep(depth) + 1; }
void _start(void) { __asm__ volatile("and $-16, %rsp"); call(60, work(3000), 0, 0); }`;
