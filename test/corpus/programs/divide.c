/* A division by zero. */
struct range {
  int low, high, steps;
};

static int width(const struct range *range) { return (range->high - range->low) / range->steps; }

int main(int argc, char **argv) {
  struct range range = {1, 10, argc - 1};
  return width(&range);
}
