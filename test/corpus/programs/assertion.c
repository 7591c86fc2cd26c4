/* Two asserts in one function: which of them fails is chosen by an argument. */
#include <assert.h>
#include <stdlib.h>

struct order {
  int count;
  const char *name;
};

__attribute__((noinline)) static int check(const struct order *order) {
  assert(order->count < 10);
  assert(order->name != NULL && "an order has a name");
  return order->count;
}

int main(int argc, char **argv) {
  struct order order = {argc > 1 ? 3 : 11, NULL};
  return check(&order);
}
