/* A read through an address that no memory can have: the kernel tells no address for it. */
struct node {
  long value;
  struct node *next;
};

static long sum(const struct node *node) {
  long total = 0;
  for (; node != 0; node = node->next)
    total += node->value;
  return total;
}

int main(void) {
  struct node last = {3, (struct node *)0xdeadbeefdeadbeef};
  struct node first = {4, &last};
  return sum(&first);
}
